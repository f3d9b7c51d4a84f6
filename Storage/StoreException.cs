namespace OrleansConcert.Storage;

/// <summary>The store cannot be opened. The message is one line: which file or folder, where, why, and what to do.</summary>
public sealed class StoreException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether somebody else may be about to mend it: a database that starts, a schema that is brought up to date.</summary>
    public bool MayPass { get; init; }
}
