using System.Reflection;

namespace OrleansConcert.Grains.Tests;

/// <summary>
/// What crosses between silos and hosts of two versions while a cluster is upgraded: types and methods by their aliases, members by their
/// ids, values of enumerations by their numbers. <c>Wire.txt</c> has what was ever sent; it only grows.
/// </summary>
public sealed class WireTests
{
    private static readonly Assembly[] Sent = [typeof(Instant).Assembly, typeof(IWaitingQueueGrain).Assembly];

    private static IEnumerable<Type> Types => Sent.SelectMany(assembly => assembly.GetTypes());

    private static readonly string[] Pinned = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Wire.txt"))];

    private static readonly string[] Present =
    [
        .. Types.Where(type => type.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is not null).SelectMany(Members)
            .Concat(Types.Where(type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type)).SelectMany(Methods))
            .Concat(Types.Where(type => type is { IsEnum: true, IsPublic: true }).SelectMany(Values))
            .Order(StringComparer.Ordinal),
    ];

    [Fact]
    public void What_was_ever_sent_is_still_understood() =>
        None(Pinned.Except(Present), "Silos and hosts of the version before send or expect");

    [Fact]
    public void What_is_sent_is_pinned() => None(Present.Except(Pinned), "Add to Wire.txt");

    private static void None(IEnumerable<string> lines, string what) =>
        Assert.True(!lines.Any(), $"{what}:\n{string.Join('\n', lines)}");

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var alias = AliasOf(type);
        var members = type.GetProperties(All).Select(property => (Member: (MemberInfo)property, Type: property.PropertyType))
            .Concat(type.GetFields(All).Select(field => (Member: (MemberInfo)field, Type: field.FieldType)));
        return members
            .Select(member => (member.Member.GetCustomAttribute<IdAttribute>()?.Id, member.Type))
            .Where(member => member.Id is not null)
            .Select(member => $"{alias} {member.Id} {NameOf(member.Type)}")
            .Append($"{alias} : {NameOf(type.BaseType ?? typeof(object))}");
    }

    private static IEnumerable<string> Methods(Type grain) => grain.GetMethods().Select(method =>
        $"{AliasOf(grain)}.{AliasOf(method)}({ArgumentsOf(method)}) {NameOf(method.ReturnType)}");

    private static string ArgumentsOf(MethodInfo method) =>
        string.Join(", ", method.GetParameters().Select(parameter => NameOf(parameter.ParameterType)));

    private static IEnumerable<string> Values(Type type) =>
        Enum.GetValues(type).Cast<Enum>().Select(value => $"{type.Name}.{value} = {value:D}");

    /// <summary>Its own, not one that it inherits.</summary>
    private static string AliasOf(MemberInfo member) =>
        member.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? $"({member} has no alias)";

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.IsArray ? NameOf(type.GetElementType()!) + "[]" : type.Name;
}
