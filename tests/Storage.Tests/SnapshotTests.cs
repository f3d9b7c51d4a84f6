namespace OrleansConcert.Storage.Tests;

/// <summary>A snapshot shortens a load; it never decides one.</summary>
public sealed class SnapshotTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Stores.Restarted), MemberType = typeof(Stores))]
    public async Task A_load_is_the_snapshot_and_the_events_after_it(string store, bool restarted)
    {
        using var kept = await Stores.Of(store);
        var journal = await Open(kept);
        await journal.SaveSnapshot("a", 2, [Given.Text("piece 1"), Given.Text(""), Given.Text("piece 3")]);
        if (restarted)
        {
            await journal.DisposeAsync();
            journal = await kept.Open();
        }

        var loaded = await journal.Load("a");
        Assert.Equal((2L, 4L), (loaded.SnapshotVersion, loaded.Head));
        Assert.Equal(["piece 1", "", "piece 3"], loaded.SnapshotPieces.Select(Given.TextOf));
        Assert.Equal(["three", "four"], loaded.Events.Select(entry => Given.TextOf(entry.Text)));
        await journal.DisposeAsync();
    }

    [Fact]
    public async Task The_newest_snapshot_is_kept_alone()
    {
        await using var journal = await Open();
        foreach (var version in new[] { 1, 3, 2 })
        {
            await journal.SaveSnapshot("a", version, [Given.Text($"{version}")]);
        }

        Assert.Equal(3, (await journal.Load("a")).SnapshotVersion);
        Assert.Single(Snapshots());
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task A_snapshot_ahead_of_the_stream_is_a_mistake(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await Open(kept);
        await Assert.ThrowsAsync<ArgumentException>(() => journal.SaveSnapshot("a", 5, []));
        await Assert.ThrowsAsync<ArgumentException>(() => journal.SaveSnapshot("a", 0, []));
    }

    [Fact]
    public async Task A_damaged_snapshot_is_as_good_as_none()
    {
        await using (var journal = await Open())
        {
            await journal.SaveSnapshot("a", 3, [Given.Text("state")]);
        }

        var whole = File.ReadAllBytes(Snapshots()[0]);
        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 1;
            File.WriteAllBytes(Snapshots()[0], at % 2 == 0 ? damaged : whole[..at]);
            await using var journal = await FileJournal.Open(_folder.Store);
            var loaded = await journal.Load("a");
            Assert.Equal((0L, 4), (loaded.SnapshotVersion, loaded.Events.Count));
        }
    }

    [Fact]
    public async Task A_snapshot_left_half_made_is_cleared_away()
    {
        await (await Open()).DisposeAsync();
        File.WriteAllText(Path.Combine(_folder.Store, "snapshots", "something.new"), "half");
        await using var journal = await FileJournal.Open(_folder.Store);
        Assert.Empty(Snapshots());
    }

    private async Task<IStore> Open() => await Begin(await FileJournal.Open(_folder.Store));

    private static async Task<IStore> Open(TestedStore kept) => await Begin(await kept.Open());

    private static async Task<IStore> Begin(IStore journal)
    {
        await journal.Append(Given.Event("a", 0, "one", "two", "three", "four"));
        return journal;
    }

    private string[] Snapshots() => Directory.GetFiles(Path.Combine(_folder.Store, "snapshots"));
}
