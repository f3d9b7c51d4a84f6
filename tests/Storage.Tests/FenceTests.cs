using OrleansConcert.Storage.Writing;

namespace OrleansConcert.Storage.Tests;

/// <summary>What is not written bars what comes after it of its stream, before anybody is told.</summary>
public sealed class FenceTests : IDisposable
{
    private static readonly Append s_next = Given.Event("a", 1, "next");

    private readonly ManualTime _time = new();
    private readonly Fence _fence = new();
    private readonly WaitingLine _line;

    public FenceTests() => _line = new(new FileJournalOptions { Time = _time, WaitingAppendsMax = 1 }, _fence);

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task What_is_withdrawn_from_the_line_bars_its_stream_until_that_is_loaded()
    {
        var waiting = _line.Add(Given.Event("a", 0, "first"));
        Assert.False(_fence.Bars(s_next));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await Assert.ThrowsAsync<JournalException>(() => waiting)).NothingWritten);
        Assert.True(_fence.Bars(s_next));
        Assert.False(_fence.Bars(Given.Event("b", 1, "next")));
        _fence.Lift("a");
        Assert.False(_fence.Bars(s_next));
    }

    [Fact]
    public async Task What_the_store_keeps_for_too_long_bars_its_stream()
    {
        var kept = _line.Add(Given.Event("a", 0, "first"));
        await _line.Take(Timeout.InfiniteTimeSpan);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False((await Assert.ThrowsAsync<JournalException>(() => kept)).NothingWritten);
        Assert.True(_fence.Bars(s_next));
    }

    [Fact]
    public async Task What_finds_the_line_full_or_closed_bars_its_stream()
    {
        var waiting = _line.Add(Given.Event("b", 0, "first"));
        await Assert.ThrowsAsync<JournalException>(() => _line.Add(Given.Event("a", 0, "first")));
        Assert.True(_fence.Bars(s_next));
        Assert.False(waiting.IsCompleted);
        _fence.Lift("a");
        _line.Close();
        await Assert.ThrowsAsync<JournalException>(() => _line.Add(Given.Event("a", 0, "first")));
        Assert.True(_fence.Bars(s_next));
    }

    [Fact]
    public async Task What_is_durable_bars_nothing_though_its_time_was_over_in_that_moment()
    {
        var pending = new Pending(Given.Event("a", 0, "first"), _fence);
        pending.Tell(new(AppendOutcome.Durable));
        pending.Doubt("The store did not answer in time.");
        Assert.Equal(AppendOutcome.Durable, (await pending.Task).Outcome);
        Assert.True(_fence.IsEmpty);
    }

    [Fact]
    public async Task Whoever_was_not_the_first_to_tell_that_it_failed_goes_on_behind_the_bar()
    {
        // The timer and the writer may find out in the same moment, and the writer sends what comes after it next.
        for (var round = 0; round < 2_000; round++)
        {
            var (fence, start) = (new Fence(), 0);
            var pending = new Pending(Given.Event("a", 0, "first"), fence);
            var timer = Task.Run(() => Tell(() => pending.Doubt("The store did not answer in time.")));
            Tell(() => pending.Refuse("The database does not answer now."));
            Assert.True(fence.Bars(s_next), $"round {round}");
            await timer;
            await Assert.ThrowsAsync<JournalException>(() => pending.Task);

            void Tell(Action tell)
            {
                for (Interlocked.Increment(ref start); Volatile.Read(ref start) < 2;)
                {
                    // Both at once.
                }

                tell();
            }
        }
    }

    [Fact]
    public async Task An_answer_alone_bars_nothing()
    {
        var waiting = _line.Add(Given.OnlyAnswer(Given.Answer("alice", "key")));
        _time.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<JournalException>(() => waiting);
        Assert.True(_fence.IsEmpty);
    }
}
