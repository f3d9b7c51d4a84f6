namespace OrleansConcert.Grains;

/// <summary>The lists of what there is, as small state: they change rarely and are read in pages.</summary>
public sealed class CatalogGrain(
    [PersistentState("catalog", WireNames.StateStorage)] IPersistentState<CatalogState> catalog,
    [PersistentState("users", WireNames.StateStorage)] IPersistentState<UserList> users) : Grain, ICatalogGrain
{
    public Task AddConcert(string concertId) => Add(catalog, state => state.Concerts, concertId);

    public Task<ImmutableArray<string>> Concerts(string? after, int limit) => Task.FromResult(
        catalog.State.Concerts.Where(id => string.CompareOrdinal(id, after) > 0).Take(limit).ToImmutableArray());

    public Task AddQueue(string queueId) => Add(catalog, state => state.Queues, queueId);

    public Task<ImmutableArray<string>> Queues() =>
        Task.FromResult(catalog.State.Queues.Union([WireNames.MainQueue]).Order(StringComparer.Ordinal).ToImmutableArray());

    public Task<bool> AddUser(string userId) => Add(users, state => state.Users, userId);

    public async Task RemoveUser(string userId)
    {
        if (Find(users.State.Users, userId) < 0)
        {
            await Read(users);
        }

        var index = Find(users.State.Users, userId);
        if (index >= 0)
        {
            users.State.Users.RemoveAt(index);
            await Write(users);
        }
    }

    public Task<bool> HasUser(string userId) => Task.FromResult(Find(users.State.Users, userId) >= 0);

    private async Task<bool> Add<TState>(IPersistentState<TState> state, Func<TState, List<string>> listOf, string item)
    {
        if (Find(listOf(state.State), item) >= 0)
        {
            await Read(state);
        }

        var index = Find(listOf(state.State), item);
        if (index >= 0)
        {
            return false;
        }

        listOf(state.State).Insert(~index, item);
        await Write(state);
        return true;
    }

    /// <summary>The lists are kept in ordinal order.</summary>
    private static int Find(List<string> list, string item) => list.BinarySearch(item, StringComparer.Ordinal);

    /// <summary>That there is nothing to do is told of what is stored: another silo may have written since this one was followed.</summary>
    private static async Task Read<TState>(IPersistentState<TState> state)
    {
        try
        {
            await state.ReadStateAsync();
        }
        catch (Exception exception)
        {
            throw new UnavailableException("The list can't be read now.", exception);
        }
    }

    /// <summary>A write that failed leaves memory ahead of the store: the grain starts again from what is stored.</summary>
    private async Task Write<TState>(IPersistentState<TState> state)
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch (Exception exception)
        {
            DeactivateOnIdle();
            throw new UnavailableException("The list can't be written now.", exception);
        }
    }
}

/// <summary>The concerts and queues there are.</summary>
[GenerateSerializer, Alias("OrleansConcert.CatalogState")]
public sealed class CatalogState
{
    [Id(0)]
    public List<string> Concerts { get; set; } = [];

    [Id(1)]
    public List<string> Queues { get; set; } = [];
}

/// <summary>The users who are registered, where registration is required.</summary>
[GenerateSerializer, Alias("OrleansConcert.UserList")]
public sealed class UserList
{
    [Id(0)]
    public List<string> Users { get; set; } = [];
}
