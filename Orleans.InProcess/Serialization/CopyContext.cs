namespace Orleans.Serialization;

/// <summary>What was copied so far in one call, so that two paths to one object still meet in its copy, cycles included.</summary>
internal sealed class CopyContext
{
    private Dictionary<object, object>? _copies;

    /// <summary>The copy made of an object, if any.</summary>
    internal bool TryGet<T>(T original, out T copy)
        where T : notnull
    {
        if (_copies is not null && _copies.TryGetValue(original, out var found))
        {
            copy = (T)found;
            return true;
        }

        copy = default!;
        return false;
    }

    /// <summary>Remembers a copy; to be called before its members are copied.</summary>
    internal void Add(object original, object copy) =>
        (_copies ??= new Dictionary<object, object>(ReferenceEqualityComparer.Instance)).Add(original, copy);
}
