using Orleans.Concurrency;

namespace OrleansConcert.Engine.Tests.InProcess;

/// <summary>What outlives a simulated process.</summary>
public sealed class Disk
{
    public List<string> Lines { get; } = [];
}

public interface ISeatGrain : IGrainWithStringKey
{
    Task<bool> Take(string buyer);

    Task<string> Order();

    Task WaitForever();

    Task<DateTimeOffset> NowAfter(TimeSpan wait);
}

[Reentrant]
public sealed class SeatGrain(Disk disk, TimeProvider time) : Grain, ISeatGrain
{
    private readonly List<string> _order = [];
    private string? _owner;

    public async Task<bool> Take(string buyer)
    {
        var isMine = _owner is null;
        _owner ??= buyer;
        _order.Add(buyer);
        await Task.Delay(TimeSpan.FromMilliseconds(5), time);
        disk.Lines.Add($"{this.GetPrimaryKeyString()} {buyer} {isMine}");
        return isMine;
    }

    public Task<string> Order() => Task.FromResult(string.Join(",", _order));

    public Task WaitForever() => new TaskCompletionSource().Task;

    public async Task<DateTimeOffset> NowAfter(TimeSpan wait)
    {
        var due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = this.RegisterGrainTimer(
            () =>
            {
                due.TrySetResult();
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = wait, Period = Timeout.InfiniteTimeSpan });
        await due.Task;
        return time.GetUtcNow();
    }
}
