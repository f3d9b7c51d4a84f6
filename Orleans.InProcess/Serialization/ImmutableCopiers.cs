using System.Collections.Immutable;

namespace Orleans.Serialization;

// Immutable containers come here only where what they hold can be changed; else they are passed as they are.

internal static class ImmutableArrayCopier<T>
{
    internal static CopyOf<ImmutableArray<T>> Create()
    {
        var copy = (CopyOf<T>?)Copiers.Find(typeof(T));
        return (value, context) => value.IsDefaultOrEmpty || copy is null
            ? value
            : ImmutableArray.CreateRange(value, (item, c) => copy(item, c), context);
    }
}

internal static class ImmutableListCopier<T>
{
    internal static CopyOf<ImmutableList<T>> Create()
    {
        var copy = (CopyOf<T>?)Copiers.Find(typeof(T));
        return (value, context) => value is null || copy is null ? value! : [.. value.Select(item => copy(item, context))];
    }
}

internal static class ImmutableDictionaryCopier<TKey, TValue>
    where TKey : notnull
{
    internal static CopyOf<ImmutableDictionary<TKey, TValue>> Create()
    {
        var key = (CopyOf<TKey>?)Copiers.Find(typeof(TKey));
        var value = (CopyOf<TValue>?)Copiers.Find(typeof(TValue));
        return (from, context) => from?.Select(pair => KeyValuePair.Create(
                CollectionCopiers.Item(key, pair.Key, context), CollectionCopiers.Item(value, pair.Value, context)))
            .ToImmutableDictionary(from.KeyComparer, from.ValueComparer)!;
    }
}

internal static class PairCopier<TKey, TValue>
{
    internal static CopyOf<KeyValuePair<TKey, TValue>> Create()
    {
        var key = (CopyOf<TKey>?)Copiers.Find(typeof(TKey));
        var value = (CopyOf<TValue>?)Copiers.Find(typeof(TValue));
        return (pair, context) => KeyValuePair.Create(
            CollectionCopiers.Item(key, pair.Key, context), CollectionCopiers.Item(value, pair.Value, context));
    }
}

internal static class TwoCopier<T1, T2>
{
    internal static CopyOf<(T1, T2)> Create()
    {
        var first = (CopyOf<T1>?)Copiers.Find(typeof(T1));
        var second = (CopyOf<T2>?)Copiers.Find(typeof(T2));
        return (value, context) => (
            CollectionCopiers.Item(first, value.Item1, context), CollectionCopiers.Item(second, value.Item2, context));
    }
}

internal static class ThreeCopier<T1, T2, T3>
{
    internal static CopyOf<(T1, T2, T3)> Create()
    {
        var first = (CopyOf<T1>?)Copiers.Find(typeof(T1));
        var second = (CopyOf<T2>?)Copiers.Find(typeof(T2));
        var third = (CopyOf<T3>?)Copiers.Find(typeof(T3));
        return (value, context) => (
            CollectionCopiers.Item(first, value.Item1, context),
            CollectionCopiers.Item(second, value.Item2, context),
            CollectionCopiers.Item(third, value.Item3, context));
    }
}

internal static class NullableCopier<T>
    where T : struct
{
    internal static CopyOf<T?> Create()
    {
        var copy = (CopyOf<T>?)Copiers.Find(typeof(T));
        return (value, context) => value is { } given && copy is not null ? copy(given, context) : value;
    }
}
