namespace OrleansConcert.Engine.Tests;

public interface IHomeGrain : IGrainWithStringKey
{
    Task<string> Inside();

    Task<string> AfterAForeignThread(string gate);

    Task<string> AwayAndBack();

    Task<string> TimerFromElsewhere();
}

public sealed class HomeGrain : Grain, IHomeGrain
{
    public async Task<string> Inside()
    {
        var home = TaskScheduler.Current;
        var before = (SynchronizationContext.Current is null, home == TaskScheduler.Default);
        await Task.Yield();
        var afterAwait = TaskScheduler.Current == home;
        var started = await Task.Factory.StartNew(() => TaskScheduler.Current == home);
        var continued = await Task.CompletedTask.ContinueWith(_ => TaskScheduler.Current == home);
        return $"{before} {afterAwait} {started} {continued}";
    }

    public async Task<string> AfterAForeignThread(string gate)
    {
        var home = TaskScheduler.Current;
        var thread = Environment.CurrentManagedThreadId;
        Signals.Say(gate, "waiting");
        var source = new TaskCompletionSource<int>();
        _ = Signals.Gate(gate).ContinueWith(
            _ =>
            {
                source.SetResult(Environment.CurrentManagedThreadId);
                Signals.Say(gate, "completed");
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
        await source.Task;
        return $"{TaskScheduler.Current == home} {thread > 0}";
    }

    public async Task<string> AwayAndBack()
    {
        var home = TaskScheduler.Current;
        var away = await Task.Run(() => TaskScheduler.Current == home);
        return $"{away} {TaskScheduler.Current == home}";
    }

    public async Task<string> TimerFromElsewhere()
    {
        var failure = await Task.Run(() => Record.Exception(() =>
        {
            this.RegisterGrainTimer(() => Task.CompletedTask, TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        }));
        return failure is null ? "registered" : "refused";
    }
}

/// <summary>Points 13 and 14: what a grain awaits resumes in the grain.</summary>
public sealed class Home(Cluster cluster) : IClassFixture<Cluster>
{
    [Fact]
    public async Task Awaits_and_tasks_started_stay_in_the_grain()
    {
        Assert.Equal("(True, False) True True True", await cluster.Get<IHomeGrain>("inside").Inside().WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task What_a_foreign_thread_completes_resumes_in_the_grain()
    {
        var call = cluster.Get<IHomeGrain>("foreign").AfterAForeignThread("foreign");
        await Signals.Hear("foreign");
        Signals.Open("foreign");
        Assert.Equal("True True", await call.WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task Task_Run_leaves_the_grain_and_its_await_comes_back()
    {
        Assert.Equal("False True", await cluster.Get<IHomeGrain>("away").AwayAndBack().WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task A_timer_cannot_be_registered_off_the_grain()
    {
        Assert.Equal("refused", await cluster.Get<IHomeGrain>("timer").TimerFromElsewhere().WaitAsync(Signals.Limit));
    }
}
