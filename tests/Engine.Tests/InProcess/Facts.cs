using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansConcert.Engine.Tests.InProcess;

[GenerateSerializer]
public sealed record Price(string Currency, [property: Id(0)] decimal Amount)
{
    [Id(1)]
    public DateTimeOffset? Since { get; init; }
}

public interface IReferenceGrain : IGrainWithStringKey
{
    Task<object> Same(object value);

    Task<Frozen> Frozen(Frozen frozen);

    Task<int[]> Marked([Immutable] int[] numbers, string name);
}

public sealed class ReferenceGrain : Grain, IReferenceGrain
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int[]> s_seen = new();

    public static int[] Seen(string name) => s_seen[name];

    public Task<object> Same(object value) => Task.FromResult(value);

    public Task<Frozen> Frozen(Frozen frozen) => Task.FromResult(frozen);

    public Task<int[]> Marked(int[] numbers, string name)
    {
        s_seen[name] = numbers;
        return Task.FromResult(numbers);
    }
}

/// <summary>A reminder table of the host's own, that outlives the host.</summary>
public sealed class KeptTable : IReminderTable
{
    public List<ReminderEntry> Rows { get; } = [];

    public int Starts { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        Starts++;
        return Task.CompletedTask;
    }

    public Task<ReminderTableData> ReadRows(GrainId grainId) =>
        Task.FromResult(new ReminderTableData(Rows.Where(row => row.GrainId == grainId)));

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Task.FromResult(new ReminderTableData(Rows));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        Task.FromResult(Rows.Find(row => row.GrainId == grainId && row.ReminderName == reminderName));

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        Rows.RemoveAll(row => row.GrainId == entry.GrainId && row.ReminderName == entry.ReminderName);
        Rows.Add(entry);
        return Task.FromResult<string?>("1");
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
        Task.FromResult(Rows.RemoveAll(row => row.GrainId == grainId && row.ReminderName == reminderName) > 0);

    public Task TestOnlyClearTable()
    {
        Rows.Clear();
        return Task.CompletedTask;
    }
}

/// <summary>What this engine adds to the promise: what is immutable is not copied, and the host's own parts are used.</summary>
public sealed class Facts(Cluster cluster) : IClassFixture<Cluster>
{
    [Fact]
    public async Task What_nobody_can_change_is_passed_as_it_is()
    {
        var grain = cluster.Get<IReferenceGrain>("same");
        var price = new Price("KRW", 100m) { Since = DateTimeOffset.UnixEpoch };
        Assert.Same(price, await grain.Same(price));
        var frozen = new Frozen { Numbers = [1] };
        Assert.Same(frozen, await grain.Frozen(frozen));
        var numbers = new[] { 1 };
        var back = await grain.Marked(numbers, "marked");
        Assert.Same(numbers, ReferenceGrain.Seen("marked"));
        Assert.NotSame(numbers, back);
    }

    [Fact]
    public async Task Reminders_of_the_hosts_own_table_are_read_at_the_start()
    {
        var table = new KeptTable();
        var time = new FakeTime();
        using (var first = NewHost(table, time))
        {
            await first.StartAsync();
            var grain = first.Services.GetRequiredService<IGrainFactory>().GetGrain<IRemindedGrain>("kept reminder");
            await grain.Remind("kept", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
            await first.StopAsync();
        }

        using var second = NewHost(table, time);
        await second.StartAsync();
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.StartsWith("kept 00:00:00", await Signals.Hear("kept reminder"), StringComparison.Ordinal);
        Assert.Equal(2, table.Starts);
        await second.StopAsync().WaitAsync(Signals.Limit);
    }

    [Fact]
    public async Task A_grain_that_asks_for_a_storage_nobody_has_cannot_activate()
    {
        using var host = NewHost(new KeptTable(), new FakeTime());
        await host.StartAsync();
        var grain = host.Services.GetRequiredService<IGrainFactory>().GetGrain<INoteGrain>("no storage");
        await Assert.ThrowsAsync<Orleans.Storage.BadProviderConfigException>(() => grain.Read().WaitAsync(Signals.Limit));
        await host.StopAsync().WaitAsync(Signals.Limit);
    }

    [Fact]
    public async Task A_grain_that_still_runs_at_a_stop_may_call_others()
    {
        using var host = NewHost(new KeptTable(), new FakeTime());
        await host.StartAsync();
        var grain = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ICallsAtTheEndGrain>("caller");
        var call = grain.HoldThenCall("caller gate");
        await Signals.Hear("caller gate");
        var stop = host.StopAsync();
        Signals.Open("caller gate");
        Assert.Equal("plain", await call.WaitAsync(Signals.Limit));
        await stop.WaitAsync(Signals.Limit);
    }

    [Fact]
    public async Task A_stop_in_a_hurry_tells_callers_that_no_answer_will_come()
    {
        using var host = NewHost(new KeptTable(), new FakeTime());
        await host.StartAsync();
        var call = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ITurnGrain>("stuck").Hold("stuck gate");
        await Signals.Hear("stuck gate");
        await host.StopAsync(new CancellationToken(canceled: true)).WaitAsync(Signals.Limit);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => call.WaitAsync(Signals.Limit));
    }

    private static IHost NewHost(IReminderTable table, TimeProvider time)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(table);
        builder.Services.AddSingleton(time);
        builder.UseOrleans(silo => silo.AddReminders());
        return builder.Build();
    }
}

public interface ICallsAtTheEndGrain : IGrainWithStringKey
{
    Task<string> HoldThenCall(string gate);
}

public sealed class CallsAtTheEndGrain : Grain, ICallsAtTheEndGrain
{
    public async Task<string> HoldThenCall(string gate)
    {
        Signals.Say(gate, "held");
        await Signals.Gate(gate);
        return await GrainFactory.GetGrain<ITurnGrain>("called at the end").Plain();
    }
}
