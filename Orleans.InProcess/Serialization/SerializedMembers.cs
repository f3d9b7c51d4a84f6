using System.Reflection;

namespace Orleans.Serialization;

/// <summary>Which members of a serialisable type cross a call.</summary>
internal static class SerializedMembers
{
    private const BindingFlags Own =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>
    /// The fields that cross, of the type and of its serialisable bases: those with an [Id], those behind a property with
    /// one, and those behind the positional parameters of a record.
    /// </summary>
    internal static IEnumerable<FieldInfo> Of(Type type)
    {
        for (var level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            if (!level.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
            {
                continue;
            }

            var positional = PositionalNames(level);
            foreach (var field in level.GetFields(Own))
            {
                var property = PropertyOf(field);
                if (field.IsDefined(typeof(IdAttribute))
                    || property?.IsDefined(typeof(IdAttribute)) == true
                    || (property is not null && positional.Contains(property.Name)))
                {
                    yield return field;
                }
            }
        }
    }

    /// <summary>Whether the member promises by attribute that nobody changes its value.</summary>
    internal static bool IsImmutable(FieldInfo field) =>
        field.IsDefined(typeof(ImmutableAttribute)) || PropertyOf(field)?.IsDefined(typeof(ImmutableAttribute)) == true;

    private static PropertyInfo? PropertyOf(FieldInfo field)
    {
        var end = field.Name.IndexOf(">k__BackingField", StringComparison.Ordinal);
        return end > 1 ? field.DeclaringType!.GetProperty(field.Name[1..end], Own) : null;
    }

    private static HashSet<string> PositionalNames(Type type)
    {
        // Only a record has this method, and only its own primary constructor has parameters named as properties.
        var isRecord = type.GetMethod("<Clone>$", Own) is not null || type.GetMethod("PrintMembers", Own) is not null;
        return isRecord
            ? [.. type.GetConstructors(Own).SelectMany(constructor => constructor.GetParameters()).Select(parameter => parameter.Name!)]
            : [];
    }
}
