namespace OrleansConcert.Storage.Postgres;

/// <summary>How a <see cref="PostgresJournal"/> uses its database.</summary>
public sealed record PostgresOptions : JournalOptions
{
    /// <summary>The database, as Npgsql has it: <c>Host=...;Database=...;Username=...;Password=...</c>.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Names whoever writes to whoever else finds the database held: this process, or the cluster that it belongs to.</summary>
    public required string Owner { get; init; }

    /// <summary>
    /// Whether others of the same <see cref="Owner"/> may write at the same time, as the silos of a cluster do. Between them each stream's
    /// fence is all there is. Default: false.
    /// </summary>
    public bool IsShared { get; init; }

    /// <summary>Whether the schema is brought up to date at the start, where the role may. Default: true.</summary>
    public bool Migrate { get; init; } = true;
}
