namespace OrleansConcert.Storage;

/// <summary>A journal, and whatever keeps it.</summary>
public interface IStore : IJournal, IAsyncDisposable
{
    /// <summary>Whether appends can succeed now, as far as is known.</summary>
    bool IsHealthy { get; }

    /// <summary>Whether no other server can have taken the store over: else nothing that this one remembers may be told any more.</summary>
    bool IsOurs { get; }

    /// <summary>Completes when another server has taken the store over; then this one is of no more use.</summary>
    Task Lost { get; }
}
