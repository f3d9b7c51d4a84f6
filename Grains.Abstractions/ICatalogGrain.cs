namespace OrleansConcert.Grains.Abstractions;

/// <summary>The lists of what there is. One grain, key <see cref="WireNames.Catalog"/>.</summary>
[Alias("OrleansConcert.ICatalogGrain")]
public interface ICatalogGrain : IGrainWithStringKey
{
    /// <summary>Lists a concert. Idempotent; durable when answered.</summary>
    [Alias("AddConcert")]
    Task AddConcert(string concertId);

    /// <summary>Concert ids after <paramref name="after"/> (null for the first), in ordinal order.</summary>
    [Alias("Concerts")]
    Task<ImmutableArray<string>> Concerts(string? after, int limit);

    /// <summary>Lists a queue. Idempotent; durable when answered.</summary>
    [Alias("AddQueue")]
    Task AddQueue(string queueId);

    [Alias("Queues")]
    Task<ImmutableArray<string>> Queues();

    /// <summary>Registers a user; false where the user is registered already.</summary>
    [Alias("AddUser")]
    Task<bool> AddUser(string userId);

    /// <summary>Unregisters a user. Idempotent.</summary>
    [Alias("RemoveUser")]
    Task RemoveUser(string userId);

    [Alias("HasUser")]
    Task<bool> HasUser(string userId);
}
