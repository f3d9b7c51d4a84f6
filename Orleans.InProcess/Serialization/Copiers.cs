using System.Collections.Concurrent;
using System.Reflection;

namespace Orleans.Serialization;

/// <summary>Finds out, once a type, how its values cross a call: as they are, copied, or not at all.</summary>
internal static class Copiers
{
    private static readonly ConcurrentDictionary<Type, Delegate?> s_byDeclaredType = new();
    private static readonly ConcurrentDictionary<Type, CopyOf<object>?> s_byActualType = new();
    private static readonly Lock s_lock = new();

    // Types whose copiers are being made: a member of such a type asks again when it is first copied.
    private static readonly HashSet<Type> s_underWay = [];

    /// <summary>A <see cref="CopyOf{T}"/> for the declared type, or null where its values are passed as they are.</summary>
    /// <remarks>A type that cannot cross gets a copier that says so when a value comes.</remarks>
    internal static Delegate? Find(Type type)
    {
        if (s_byDeclaredType.TryGetValue(type, out var known))
        {
            return known;
        }

        lock (s_lock)
        {
            if (!s_underWay.Add(type))
            {
                return Make(typeof(LateCopier<>), type);
            }

            try
            {
                return s_byDeclaredType.GetOrAdd(type, Build);
            }
            finally
            {
                s_underWay.Remove(type);
            }
        }
    }

    /// <summary>The copier for values that are of exactly this type.</summary>
    internal static CopyOf<object>? FindActual(Type type)
    {
        if (s_byActualType.TryGetValue(type, out var known))
        {
            return known;
        }

        return s_byActualType.GetOrAdd(type, static type =>
        {
            if (PassedTypes.IsPassed(type))
            {
                return null;
            }

            var copy = BuildExact(type);
            return copy is null ? null : (CopyOf<object>)Make(typeof(BoxedCopier<>), type, copy);
        });
    }

    /// <summary>Whether values of the declared type are never copied.</summary>
    internal static bool IsPassed(Type type) => Find(type) is null;

    /// <summary>Says that a type cannot cross a call.</summary>
    internal static CodecNotFoundException CannotCross(Type type) => new(
        $"Could not find a copier for type {type}: it has no [GenerateSerializer] and is none of the types that cross calls without.");

    private static Delegate? Build(Type type)
    {
        if (PassedTypes.IsPassed(type))
        {
            return null;
        }

        // What else may be behind the declared type shows with the value.
        return type.IsSealed || type.IsValueType ? BuildExact(type) : Make(typeof(ActualCopier<>), type);
    }

    private static Delegate? BuildExact(Type type)
    {
        if (type.IsArray)
        {
            return type.GetArrayRank() == 1 ? Make(typeof(ArrayCopier<>), type.GetElementType()!) : Make(typeof(RefusingCopier<>), type);
        }

        if (CollectionCopiers.Find(type, out var collection))
        {
            return collection;
        }

        return type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)
            ? MemberCopier.Build(type)
            : Make(typeof(RefusingCopier<>), type);
    }

    /// <summary>The Create method of a generic class, called for a type.</summary>
    internal static Delegate Make(Type open, Type argument, params object[] given) => MakeMany(open, [argument], given);

    /// <summary>The Create method of a generic class, called for some types.</summary>
    internal static Delegate MakeMany(Type open, Type[] arguments, params object[] given) => (Delegate)open
        .MakeGenericType(arguments)
        .GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)!
        .Invoke(null, given)!;
}

/// <summary>Looks at the value to see what it is.</summary>
internal static class ActualCopier<T>
    where T : class
{
    internal static CopyOf<T> Create() => static (value, context) =>
        value is not null && Copiers.FindActual(value.GetType()) is { } copy ? (T)copy(value, context) : value!;
}

/// <summary>Lets a copier of an exact type be called without knowing the type.</summary>
internal static class BoxedCopier<T>
{
    internal static CopyOf<object> Create(CopyOf<T> copy) => (value, context) => copy((T)value, context)!;
}

/// <summary>For a type that contains itself: finds the copier when a value comes.</summary>
internal static class LateCopier<T>
{
    internal static CopyOf<T> Create() => static (value, context) =>
        Copiers.Find(typeof(T)) is CopyOf<T> copy ? copy(value, context) : value;
}

/// <summary>For a type that does not cross.</summary>
internal static class RefusingCopier<T>
{
    internal static CopyOf<T> Create() => static (value, _) => value is null ? value : throw Copiers.CannotCross(typeof(T));
}

/// <summary>For arrays.</summary>
internal static class ArrayCopier<T>
{
    internal static CopyOf<T[]> Create()
    {
        var item = (CopyOf<T>?)Copiers.Find(typeof(T));
        return (value, context) => Copy(value, item, context);
    }

    private static T[] Copy(T[] value, CopyOf<T>? item, CopyContext context)
    {
        if (value is null or { Length: 0 })
        {
            return value!;
        }

        if (context.TryGet(value, out var copy))
        {
            return copy;
        }

        copy = (T[])value.Clone();
        context.Add(value, copy);
        if (item is not null)
        {
            for (var i = 0; i < copy.Length; i++)
            {
                copy[i] = item(copy[i], context);
            }
        }

        return copy;
    }
}
