using System.Collections.Immutable;

namespace Orleans.Serialization;

/// <summary>Copiers of the collections that cross calls.</summary>
internal static class CollectionCopiers
{
    private static readonly Dictionary<Type, Type> s_open = new()
    {
        [typeof(List<>)] = typeof(ListCopier<>),
        [typeof(HashSet<>)] = typeof(HashSetCopier<>),
        [typeof(Queue<>)] = typeof(QueueCopier<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCopier<,>),
        [typeof(SortedDictionary<,>)] = typeof(SortedDictionaryCopier<,>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayCopier<>),
        [typeof(ImmutableList<>)] = typeof(ImmutableListCopier<>),
        [typeof(ImmutableDictionary<,>)] = typeof(ImmutableDictionaryCopier<,>),
        [typeof(KeyValuePair<,>)] = typeof(PairCopier<,>),
        [typeof(ValueTuple<,>)] = typeof(TwoCopier<,>),
        [typeof(ValueTuple<,,>)] = typeof(ThreeCopier<,,>),
        [typeof(Nullable<>)] = typeof(NullableCopier<>),
    };

    /// <summary>The copier of a collection type; false where it is none of these.</summary>
    internal static bool Find(Type type, out Delegate? copier)
    {
        copier = null;
        if (!type.IsGenericType || !s_open.TryGetValue(type.GetGenericTypeDefinition(), out var open))
        {
            return false;
        }

        copier = Copiers.MakeMany(open, type.GetGenericArguments());
        return true;
    }

    /// <summary>Copies an item where its type needs it.</summary>
    internal static T Item<T>(CopyOf<T>? copy, T item, CopyContext context) => copy is null ? item : copy(item, context);

    /// <summary>A copier that keeps shared and circular references: the copy is known before it is filled.</summary>
    internal static CopyOf<T> Filling<T>(Func<T, T> empty, Action<T, T, CopyContext> fill)
        where T : class => (value, context) =>
        {
            if (value is null)
            {
                return value!;
            }

            if (!context.TryGet(value, out var copy))
            {
                copy = empty(value);
                context.Add(value, copy);
                fill(value, copy, context);
            }

            return copy;
        };
}

internal static class ListCopier<T>
{
    internal static CopyOf<List<T>> Create()
    {
        var copy = (CopyOf<T>?)Copiers.Find(typeof(T));
        return CollectionCopiers.Filling<List<T>>(
            static value => new List<T>(value.Count),
            (value, list, context) =>
            {
                foreach (var item in value)
                {
                    list.Add(CollectionCopiers.Item(copy, item, context));
                }
            });
    }
}

internal static class HashSetCopier<T>
{
    internal static CopyOf<HashSet<T>> Create()
    {
        var copy = (CopyOf<T>?)Copiers.Find(typeof(T));
        return CollectionCopiers.Filling<HashSet<T>>(
            static value => new HashSet<T>(value.Count, value.Comparer),
            (value, set, context) =>
            {
                foreach (var item in value)
                {
                    set.Add(CollectionCopiers.Item(copy, item, context));
                }
            });
    }
}

internal static class QueueCopier<T>
{
    internal static CopyOf<Queue<T>> Create()
    {
        var copy = (CopyOf<T>?)Copiers.Find(typeof(T));
        return CollectionCopiers.Filling<Queue<T>>(
            static value => new Queue<T>(value.Count),
            (value, queue, context) =>
            {
                foreach (var item in value)
                {
                    queue.Enqueue(CollectionCopiers.Item(copy, item, context));
                }
            });
    }
}

internal static class DictionaryCopier<TKey, TValue>
    where TKey : notnull
{
    internal static CopyOf<Dictionary<TKey, TValue>> Create()
    {
        var key = (CopyOf<TKey>?)Copiers.Find(typeof(TKey));
        var value = (CopyOf<TValue>?)Copiers.Find(typeof(TValue));
        return CollectionCopiers.Filling<Dictionary<TKey, TValue>>(
            static from => new Dictionary<TKey, TValue>(from.Count, from.Comparer),
            (from, to, context) =>
            {
                foreach (var (k, v) in from)
                {
                    to.Add(CollectionCopiers.Item(key, k, context), CollectionCopiers.Item(value, v, context));
                }
            });
    }
}

internal static class SortedDictionaryCopier<TKey, TValue>
    where TKey : notnull
{
    internal static CopyOf<SortedDictionary<TKey, TValue>> Create()
    {
        var key = (CopyOf<TKey>?)Copiers.Find(typeof(TKey));
        var value = (CopyOf<TValue>?)Copiers.Find(typeof(TValue));
        return CollectionCopiers.Filling<SortedDictionary<TKey, TValue>>(
            static from => new SortedDictionary<TKey, TValue>(from.Comparer),
            (from, to, context) =>
            {
                foreach (var (k, v) in from)
                {
                    to.Add(CollectionCopiers.Item(key, k, context), CollectionCopiers.Item(value, v, context));
                }
            });
    }
}
