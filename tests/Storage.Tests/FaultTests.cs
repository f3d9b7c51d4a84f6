using System.Diagnostics;

namespace OrleansConcert.Storage.Tests;

/// <summary>What callers are told when the disk fails, hangs or is slow, and how the journal comes back.</summary>
public sealed class FaultTests
{
    private readonly ManualTime _time = new();
    private readonly SimulatedDisk _disk = new(new Random(1));

    [Fact]
    public async Task A_failed_flush_leaves_its_callers_in_doubt()
    {
        await using var journal = await Open();
        FailOnce(DiskStep.Flush, DiskFault.FailBefore);
        var failure = await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "doubtful")));
        Assert.False(failure.NothingWritten);
    }

    [Fact]
    public async Task Appends_work_again_in_a_new_segment_after_a_failed_flush()
    {
        await using var journal = await Open();
        FailOnce(DiskStep.Flush, DiskFault.FailBefore);
        await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "doubtful")));
        await journal.Append(Given.Event("a", 1, "second"));
        Assert.True(journal.IsHealthy);
        Assert.Equal(["first", "second"], await journal.Texts("a"));
        Assert.Contains("segment-0000000002.log", await _disk.List());
    }

    [Fact]
    public async Task An_unacknowledged_tail_never_comes_back()
    {
        var journal = await Open();
        FailOnce(DiskStep.Flush, DiskFault.FailAfter);
        await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "doubtful")));
        await journal.Append(Given.Event("b", 0, "other"));
        await using var again = await FileJournal.Open(_disk.AfterPowerCut());
        Assert.Equal(["first"], await again.Texts("a"));
        Assert.Equal(["other"], await again.Texts("b"));
    }

    [Fact]
    public async Task A_failed_journal_says_that_nothing_was_written()
    {
        await using var journal = await Open();
        _disk.OnStep = (_, _) => ValueTask.FromResult(DiskFault.FailBefore);
        await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "doubtful")));
        Assert.False(journal.IsHealthy);
        var failure = await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "refused")));
        Assert.True(failure.NothingWritten);
    }

    [Fact]
    public async Task A_failed_journal_tries_its_disk_once_in_half_a_second()
    {
        await using var journal = await Open();
        _disk.OnStep = (_, _) => ValueTask.FromResult(DiskFault.FailBefore);
        await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "doubtful")));
        _disk.OnStep = null;
        _time.Advance(TimeSpan.FromMilliseconds(499));
        var steps = _disk.Steps;
        await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "too early")));
        Assert.Equal(steps, _disk.Steps);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(Given.Event("a", 1, "second"))).Outcome);
        Assert.True(journal.IsHealthy);
    }

    [Fact]
    public async Task A_full_disk_heals_without_a_restart()
    {
        await using var journal = await Open();
        _disk.OnStep = (step, _) => ValueTask.FromResult(step is DiskStep.Write or DiskStep.Create ? DiskFault.FailBefore : DiskFault.None);
        await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "doubtful")));
        Assert.Equal(["first"], await journal.Texts("a"));
        _disk.OnStep = null;
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await journal.Append(Given.Event("a", 1, "second"));
        Assert.Equal(["first", "second"], await journal.Texts("a"));
    }

    [Fact]
    public async Task A_disk_that_is_well_again_is_found_with_nobody_writing()
    {
        await using var journal = await Open();
        _disk.OnStep = (_, _) => ValueTask.FromResult(DiskFault.FailBefore);
        await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "doubtful")));
        _disk.OnStep = null;
        for (var waited = Stopwatch.StartNew(); !journal.IsHealthy && waited.Elapsed < TimeSpan.FromSeconds(10);)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.True(journal.IsHealthy);
        Assert.Equal(["first"], await journal.Texts("a"));
    }

    [Fact]
    public async Task A_disk_with_no_room_for_another_frame_is_not_called_well()
    {
        await using var journal = await Open();
        var (flushes, writes) = (0, 0);
        _disk.OnStep = (step, name) => ValueTask.FromResult(
            (step == DiskStep.Flush && flushes++ == 0)
            || (step == DiskStep.Write && name.Contains("0002", StringComparison.Ordinal) && writes++ > 0)
                ? DiskFault.FailBefore
                : DiskFault.None);
        await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "doubtful")));
        Assert.False(journal.IsHealthy);
    }

    [Fact]
    public async Task Whoever_lost_against_a_doubtful_winner_is_not_told_that_it_lost()
    {
        await using var journal = await Open();
        var (gate, first) = await Hold(journal);
        var winner = journal.Append(Given.Event("a", 1, "winner"));
        var loser = journal.Append(Given.Event("a", 1, "loser"));
        var outdated = journal.Append(Given.Event("a", 0, "outdated"));
        FailOnce(DiskStep.Flush, DiskFault.FailBefore, spared: 1);
        gate.SetResult();
        await first;
        Assert.False((await Assert.ThrowsAsync<JournalException>(() => winner)).NothingWritten);
        Assert.True((await Assert.ThrowsAsync<JournalException>(() => loser)).NothingWritten);
        await Assert.ThrowsAsync<JournalException>(() => outdated);
    }

    [Fact]
    public async Task A_hanging_write_is_in_doubt_after_two_seconds()
    {
        await using var journal = await Open();
        var (gate, first) = await Hold(journal);
        _time.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromMilliseconds(1));
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.False((await Assert.ThrowsAsync<JournalException>(() => first)).NothingWritten);
        Assert.False(journal.IsHealthy);
        gate.SetResult();
        Assert.Equal(["held"], await journal.Texts("held"));
        Assert.True(journal.IsHealthy);
    }

    [Fact]
    public async Task What_waits_behind_a_hanging_write_is_withdrawn()
    {
        await using var journal = await Open();
        var (gate, first) = await Hold(journal);
        var behind = journal.Append(Given.Event("a", 1, "behind"));
        var load = journal.Load("a");
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.True((await Assert.ThrowsAsync<JournalException>(() => behind)).NothingWritten);
        await Assert.ThrowsAsync<JournalException>(() => load);
        gate.SetResult();
        await Assert.ThrowsAsync<JournalException>(() => first);
        Assert.Equal(["first"], await journal.Texts("a"));
    }

    [Fact]
    public async Task A_load_waits_for_a_write_still_executing()
    {
        await using var journal = await Open();
        var (gate, first) = await Hold(journal, "a", 1);
        var load = journal.Load("a");
        Assert.False(load.IsCompleted);
        gate.SetResult();
        await first;
        Assert.Equal(2, (await load).Head);
    }

    [Fact]
    public async Task Beyond_its_bound_the_line_refuses_at_once()
    {
        await using var journal = await Open(new FileJournalOptions { WaitingAppendsMax = 3 });
        var (gate, first) = await Hold(journal);
        var waiting = Enumerable.Range(1, 3).Select(head => journal.Append(Given.Event("a", head, "waits"))).ToList();
        var refused = await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 4, "one too many")));
        Assert.True(refused.NothingWritten);
        gate.SetResult();
        await first;
        Assert.All(await Task.WhenAll(waiting), result => Assert.Equal(AppendOutcome.Durable, result.Outcome));
    }

    [Fact]
    public async Task Beyond_its_bytes_the_line_refuses_at_once()
    {
        await using var journal = await Open(new FileJournalOptions { WaitingBytesMax = 1_000 });
        var (gate, first) = await Hold(journal);
        var waiting = journal.Append(Given.Event("a", 1, new string('x', 800)));
        await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 2, new string('x', 800))));
        gate.SetResult();
        await first;
        Assert.Equal(AppendOutcome.Durable, (await waiting).Outcome);
    }

    [Fact]
    public async Task A_closed_journal_refuses_appends()
    {
        var journal = await Open();
        await journal.DisposeAsync();
        var refused = await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "late")));
        Assert.True(refused.NothingWritten);
    }

    [Fact]
    public async Task Closing_writes_what_waits()
    {
        var journal = await Open();
        var last = journal.Append(Given.Event("a", 1, "second"));
        await journal.DisposeAsync();
        Assert.Equal(AppendOutcome.Durable, (await last).Outcome);
    }

    /// <summary>A journal in which stream <c>a</c> has its first event.</summary>
    private async Task<FileJournal> Open(FileJournalOptions? options = null)
    {
        var journal = await FileJournal.Open(_disk, (options ?? new FileJournalOptions()) with { Time = _time });
        await journal.Append(Given.Event("a", 0, "first"));
        return journal;
    }

    private void FailOnce(DiskStep failing, DiskFault fault, int spared = 0) => _disk.OnStep = (step, _) =>
    {
        if (step != failing || spared-- > 0)
        {
            return ValueTask.FromResult(DiskFault.None);
        }

        _disk.OnStep = null;
        return ValueTask.FromResult(fault);
    };

    /// <summary>Hands in an append whose write waits until the gate opens.</summary>
    private async Task<(TaskCompletionSource Gate, Task<AppendResult> Held)> Hold(
        FileJournal journal, string stream = "held", long head = 0)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _disk.OnStep = async (_, _) =>
        {
            reached.TrySetResult();
            await gate.Task;
            return DiskFault.None;
        };
        var held = journal.Append(Given.Event(stream, head, "held"));
        await reached.Task;
        return (gate, held);
    }
}
