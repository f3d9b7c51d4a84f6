namespace OrleansConcert.Storage.Postgres;

/// <summary>How a <see cref="PostgresJournal"/> uses its database.</summary>
public sealed record PostgresOptions : JournalOptions
{
    public PostgresOptions() => RecoveryInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>The database, as Npgsql has it: <c>Host=...;Database=...;Username=...;Password=...</c>.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>
    /// Names this process to whoever finds the database held: machine and process. One that is not alone (a silo of a cluster) has no
    /// name and takes no lease: there each stream's fence is all there is.
    /// </summary>
    public required string? Owner { get; init; }

    /// <summary>Whether the schema is brought up to date at the start, where the role may. Default: true.</summary>
    public bool Migrate { get; init; } = true;
}
