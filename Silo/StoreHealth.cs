using OrleansConcert.Storage;

namespace OrleansConcert.Silo;

/// <summary>Whether the store takes writes now.</summary>
public sealed class StoreHealth(FileJournal journal)
{
    public bool IsReady => journal.IsHealthy;
}
