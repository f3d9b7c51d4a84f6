namespace Orleans.Serialization;

/// <summary>Copies a value of type <typeparamref name="T"/> as a call between processes would.</summary>
/// <param name="value">The value, which may be null.</param>
/// <param name="context">What this call has copied so far.</param>
internal delegate T CopyOf<T>(T value, CopyContext context);

/// <summary>How values of the declared type <typeparamref name="T"/> are copied.</summary>
internal static class Copier<T>
{
    /// <summary>The copier of a value on its own; null where such values are passed as they are.</summary>
    internal static readonly Func<T, T>? Root = Copiers.Find(typeof(T)) is CopyOf<T> copy ? value => copy(value, new CopyContext()) : null;

    /// <summary>Copies a value on its own.</summary>
    internal static T Copy(T value) => Root is null ? value : Root(value);
}
