using System.Reflection;

namespace Orleans.Serialization;

/// <summary>
/// How an exception gets from a grain to its caller. Those of the platform go as they are, those with
/// <see cref="GenerateSerializerAttribute"/> with their [Id] members; of any other a caller in another process learns only
/// that it did not cross, and so does one in this.
/// </summary>
internal static class ExceptionCrossing
{
    private static readonly Func<object, object> s_clone = typeof(object)
        .GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!
        .CreateDelegate<Func<object, object>>();

    /// <summary>Whether exceptions of a type belong to the platform.</summary>
    internal static bool IsPassed(Type type) =>
        type.Assembly == typeof(object).Assembly
        || type.Namespace is { } name && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal));

    /// <summary>The exception its caller sees.</summary>
    internal static Exception Cross(Exception failure)
    {
        var type = failure.GetType();
        if (IsPassed(type))
        {
            return failure;
        }

        if (!type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
        {
            return new CodecNotFoundException(
                $"The exception {type} has no [GenerateSerializer] and did not cross the call. It said: {failure.Message}");
        }

        try
        {
            return Copy(failure, type);
        }
        catch (SerializerException member)
        {
            return member;
        }
    }

    // Exceptions are rare, so plain reflection will do.
    private static Exception Copy(Exception failure, Type type)
    {
        var copy = (Exception)s_clone(failure);
        var crossing = SerializedMembers.Of(type).ToHashSet();
        var context = new CopyContext();
        for (var level = type; !IsPassed(level); level = level.BaseType!)
        {
            const BindingFlags own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            foreach (var field in level.GetFields(own))
            {
                var value = crossing.Contains(field) ? field.GetValue(failure) : null;
                if (value is not null && !SerializedMembers.IsImmutable(field) && Copiers.FindActual(value.GetType()) is { } copier)
                {
                    value = copier(value, context);
                }

                field.SetValue(copy, value);
            }
        }

        return copy;
    }
}
