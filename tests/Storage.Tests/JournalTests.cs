namespace OrleansConcert.Storage.Tests;

public sealed class JournalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task What_was_appended_is_loaded_in_order(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(Given.Event("queue/a", 0, "one", "two"))).Outcome);
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(Given.Event("queue/a", 2, "three"))).Outcome);
        var loaded = await journal.Load("queue/a");
        Assert.Equal(3, loaded.Head);
        Assert.Equal(["one", "two", "three"], loaded.Events.Select(entry => Given.TextOf(entry.Text)));
        Assert.Equal([1L, 2, 3], loaded.Events.Select(entry => entry.Version));
        Assert.All(loaded.Events, entry => Assert.Equal(("queue/a", Given.Noon), (entry.Stream, entry.At)));
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task A_stream_nobody_wrote_is_empty(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        var loaded = await journal.Load("queue/none");
        Assert.Equal((0L, 0L, 0, 0), (loaded.Head, loaded.SnapshotVersion, loaded.Events.Count, loaded.SnapshotPieces.Count));
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task The_head_of_a_stream_is_the_version_of_its_last_event(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        Assert.Equal(0, await journal.Head("queue/a"));
        await journal.Append(Given.Event("queue/a", 0, "one", "two"));
        Assert.Equal(2, await journal.Head("queue/a"));
        Assert.False(journal.IsShared);
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task What_was_appended_is_there_after_a_restart(string store)
    {
        using var kept = await Stores.Of(store);
        await using (var journal = await kept.Open())
        {
            await journal.Append(Given.Event("queue/a", 0, "one"));
        }

        await using (var journal = await kept.Open())
        {
            Assert.Equal(["one"], await journal.Texts("queue/a"));
            await journal.Append(Given.Event("queue/a", 1, "two"));
        }

        await using var last = await kept.Open();
        Assert.Equal(["one", "two"], await last.Texts("queue/a"));
        Assert.Equal(Given.Noon, last.LastInstant);
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task An_empty_journal_begins_at_the_epoch(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        Assert.Equal(DateTimeOffset.UnixEpoch, journal.LastInstant);
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task An_append_behind_the_head_writes_nothing(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        await journal.Append(Given.Event("queue/a", 0, "one"));
        Assert.Equal(AppendOutcome.HeadMoved, (await journal.Append(Given.Event("queue/a", 0, "other"))).Outcome);
        Assert.Equal(AppendOutcome.HeadMoved, (await journal.Append(Given.Event("queue/a", 2, "gap"))).Outcome);
        Assert.Equal(["one"], await journal.Texts("queue/a"));
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task Notes_go_to_the_end_of_their_streams(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        var note = new Note("reservations/alice", Given.Text("held"));
        await journal.Append(Given.Event("schedule/a", 0, "one") with { Notes = [note, note] });
        await journal.Append(Given.Event("schedule/b", 0, "two") with { Notes = [note] });
        var entries = await journal.ReadBackward("reservations/alice", long.MaxValue, 10);
        Assert.Equal([3L, 2, 1], entries.Select(entry => entry.Version));
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task Pages_run_backwards_without_gap_or_repeat(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        for (var head = 0; head < 100; head++)
        {
            await journal.Append(Given.Event("wallet/a", head, new string('x', 40 * head)));
        }

        var versions = new List<long>();
        for (var before = long.MaxValue; before > 1; before = versions[^1])
        {
            versions.AddRange((await journal.ReadBackward("wallet/a", before, 7)).Select(entry => entry.Version));
        }

        Assert.Equal(Enumerable.Range(1, 100).Reverse().Select(version => (long)version), versions);
    }

    [Fact]
    public async Task Reading_all_stops_where_the_journal_was_when_asked()
    {
        await using var journal = await FileJournal.Open(_folder.Store, new FileJournalOptions { SegmentBytes = 4096, FillBytes = 4096 });
        for (var head = 0; head < 60; head++)
        {
            await journal.Append(Given.Event("a", head, $"a{head}") with { Notes = [new Note("n", Given.Text($"n{head}"))] });
        }

        var asked = journal.ReadAll(CancellationToken.None);
        await journal.Append(Given.Event("a", 60, "late"));
        var texts = new List<string>();
        await foreach (var entry in asked)
        {
            texts.Add(Given.TextOf(entry.Text));
        }

        Assert.Equal(Enumerable.Range(0, 60).SelectMany(head => new[] { $"a{head}", $"n{head}" }), texts);
        Assert.True(File.Exists(_folder.Segment(2)));
    }

    [Fact]
    public async Task Reading_on_from_every_end_gives_each_entry_once_over_segments_and_restarts()
    {
        var (ends, read) = (new List<long> { 0 }, new List<string>());
        for (var start = 0; start < 3; start++)
        {
            await using var journal = await FileJournal.Open(_folder.Store, new() { SegmentBytes = 4096, FillBytes = 4096 });
            Assert.True(await journal.End() >= ends[^1]);
            for (var head = start * 60; head < (start + 1) * 60; head++)
            {
                await journal.Append(Given.Event("a", head, $"a{head}") with { Answer = Given.Answer("alice", $"{head}") });
                ends.Add(await journal.End());
                await foreach (var entry in journal.Read(ends[^2], ends[^1], CancellationToken.None))
                {
                    read.Add(Given.TextOf(entry.Text));
                }
            }
        }

        Assert.Equal(Enumerable.Range(0, 180).Select(head => $"a{head}"), read);
        Assert.True(File.Exists(_folder.Segment(2)));
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task Unfinished_streams_are_known_after_a_restart(string store)
    {
        using var kept = await Stores.Of(store);
        await using (var journal = await kept.Open())
        {
            await journal.Append(Given.Event("schedule/b", 0, "one") with { Unfinished = true });
            await journal.Append(Given.Event("schedule/a", 0, "one") with { Unfinished = true });
            await journal.Append(Given.Event("schedule/c", 0, "one") with { Unfinished = true });
            await journal.Append(Given.Event("schedule/c", 1, "two"));
            Assert.Equal(["schedule/a", "schedule/b"], await journal.UnfinishedStreams());
        }

        await using var again = await kept.Open();
        Assert.Equal(["schedule/a", "schedule/b"], await again.UnfinishedStreams());
    }

    [Fact]
    public async Task A_hundred_thousand_appends_share_their_flushes_in_order()
    {
        await using var journal = await FileJournal.Open(_folder.Store, new FileJournalOptions { WriteTimeout = TimeSpan.FromMinutes(1) });
        var writers = Enumerable.Range(0, 1_000).Select(stream => Task.Run(async () =>
        {
            var appends = Enumerable.Range(0, 50).Select(head => journal.Append(Given.Event($"s/{stream}", head, $"{head}"))).ToList();
            await Task.WhenAll(appends);
            appends.AddRange(Enumerable.Range(50, 50).Select(head => journal.Append(Given.Event($"s/{stream}", head, $"{head}"))));
            Assert.All(await Task.WhenAll(appends), result => Assert.Equal(AppendOutcome.Durable, result.Outcome));
        }));
        await Task.WhenAll(writers);

        Assert.Equal(100_000, journal.Appends);
        Assert.InRange(journal.Flushes, 1, 2_000);
        foreach (var stream in Enumerable.Range(0, 1_000))
        {
            Assert.Equal(Enumerable.Range(0, 100).Select(head => $"{head}"), await journal.Texts($"s/{stream}"));
        }
    }
}
