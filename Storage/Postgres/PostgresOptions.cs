namespace OrleansConcert.Storage.Postgres;

/// <summary>How a <see cref="PostgresJournal"/> uses its database.</summary>
public sealed record PostgresOptions : JournalOptions
{
    public PostgresOptions() => RecoveryInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>The database, as Npgsql has it: <c>Host=...;Database=...;Username=...;Password=...</c>.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Names whoever writes to whoever else finds the database held: this process, or the cluster that it belongs to.</summary>
    public required string Owner { get; init; }

    /// <summary>
    /// The cluster whose silos share the database under the same <see cref="Owner"/>, all writing at the same time; null (the default)
    /// where this server is alone. Between silos each stream's fence is all there is.
    /// </summary>
    public string? Cluster { get; init; }

    /// <summary>Whether others may write at the same time.</summary>
    public bool IsShared => Cluster is not null;

    /// <summary>Whether the schema is brought up to date at the start, where the role may. Default: true.</summary>
    public bool Migrate { get; init; } = true;
}
