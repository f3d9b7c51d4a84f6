using System.Collections.Immutable;
using System.Net;
using System.Numerics;
using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Which types are passed by reference, since nobody can change their values, or the engine knows them.</summary>
internal static class PassedTypes
{
    private static readonly HashSet<Type> s_plain =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly),
        typeof(Guid), typeof(Uri), typeof(Version), typeof(Half), typeof(Int128), typeof(UInt128), typeof(BigInteger),
        typeof(IPAddress), typeof(IPEndPoint), typeof(CancellationToken), typeof(InProcess.Nothing), typeof(ValueTuple),
        typeof(ReadOnlyMemory<byte>),
    ];

    private static readonly HashSet<Type> s_wrappers =
    [
        typeof(Nullable<>), typeof(KeyValuePair<,>), typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>),
        typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>),
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableHashSet<>), typeof(ImmutableDictionary<,>),
        typeof(ImmutableSortedDictionary<,>), typeof(ImmutableSortedSet<>), typeof(ImmutableQueue<>), typeof(ImmutableStack<>),
    ];

    /// <summary>Whether values of this declared type are passed as they are.</summary>
    internal static bool IsPassed(Type type) =>
        type.IsPrimitive
        || type.IsEnum
        || s_plain.Contains(type)
        || typeof(GrainReference).IsAssignableFrom(type)
        || typeof(Type).IsAssignableFrom(type)
        || IsFinal(type) && type.IsDefined(typeof(ImmutableAttribute), inherit: false)
        || IsWrapperOfPassed(type)
        || typeof(Exception).IsAssignableFrom(type) && ExceptionCrossing.IsPassed(type)
        || IsImmutableRecord(type);

    /// <summary>Whether the type's copier need not look at the value: nothing can derive from it.</summary>
    private static bool IsFinal(Type type) => type.IsSealed || type.IsValueType || type.IsClass && !type.IsAbstract;

    private static bool IsWrapperOfPassed(Type type) =>
        type.IsGenericType
        && s_wrappers.Contains(type.GetGenericTypeDefinition())
        && Array.TrueForAll(type.GetGenericArguments(), Copiers.IsPassed);

    // A serialisable type that cannot be derived from and whose every field is read-only and itself passed.
    private static bool IsImmutableRecord(Type type)
    {
        if (!(type.IsSealed || type.IsValueType) || !type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
        {
            return false;
        }

        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            const BindingFlags own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            if (!Array.TrueForAll(level.GetFields(own), field => IsPassedField(field)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsPassedField(FieldInfo field) =>
        (field.IsInitOnly || field.DeclaringType!.IsValueType)
        && !field.IsDefined(typeof(NonSerializedAttribute))
        && (SerializedMembers.IsImmutable(field) || Copiers.IsPassed(field.FieldType));
}
