using OrleansConcert.Storage.Disks;

namespace OrleansConcert.Storage.Tests;

/// <summary>The journal on a disk in memory keeps the rules of the one in files.</summary>
public sealed class MemoryDiskTests
{
    [Fact]
    public async Task What_was_appended_is_loaded_over_many_segments()
    {
        var options = new FileJournalOptions { SegmentBytes = 64 << 10, FillBytes = 4 << 10 };
        await using var journal = await FileJournal.Open(new MemoryDisk(), options);
        var text = new string('x', 1_000);
        for (var head = 0; head < 500; head++)
        {
            await journal.Append(Given.Event("a", head, $"{head}{text}"));
        }

        await journal.SaveSnapshot("a", 100, [Given.Text("state")]);
        var loaded = await journal.Load("a");
        Assert.Equal(Enumerable.Range(100, 400).Select(head => $"{head}{text}"), loaded.Events.Select(entry => Given.TextOf(entry.Text)));
        Assert.Equal("state", Given.TextOf(loaded.SnapshotPieces[0]));
        Assert.Equal(500, (await journal.All()).Count);
    }

    [Fact]
    public async Task The_fence_holds()
    {
        await using var journal = await FileJournal.Open(new MemoryDisk());
        await journal.Append(Given.Event("a", 0, "one"));
        Assert.Equal(AppendOutcome.HeadMoved, (await journal.Append(Given.Event("a", 0, "other"))).Outcome);
    }

    [Fact]
    public async Task A_key_has_one_answer()
    {
        await using var journal = await FileJournal.Open(new MemoryDisk());
        await journal.Append(Given.OnlyAnswer(Given.Answer("alice", "key", "first")));
        var again = await journal.Append(Given.OnlyAnswer(Given.Answer("alice", "key", "second")));
        Assert.Equal("first", Given.TextOf(again.Existing!.Body));
        Assert.Equal("first", Given.TextOf((await journal.FindAnswer("alice", "key"))!.Body));
    }
}
