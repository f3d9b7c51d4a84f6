using System.Collections.Immutable;
using System.Reflection;
using System.Threading.Channels;
using OrleansConcert.Api.Resources;
using OrleansConcert.Domain;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Grains.Abstractions;

namespace OrleansConcert.Api.Tests;

/// <summary>The map of one schedule as a host keeps it.</summary>
public sealed class SeatMapTests
{
    private const int Seats = 40;

    private static readonly ScheduleDefinition Definition = new(
        "friday", "tour", "main", "2030-01-02", Instant.Epoch, Instant.Epoch, Instant.Never,
        [new("A", 4, 10, 1_000)], Preset.Standard.Sale);

    [Fact]
    public async Task A_thousand_who_look_at_once_ask_the_schedule_twice_at_the_most()
    {
        var (map, schedule) = Make();
        var first = map.Pull();
        await schedule.Asked();
        var others = Enumerable.Range(0, 1_000).Select(_ => map.Pull()).ToArray();
        schedule.Answer(Whole(3));
        await first;
        await schedule.Asked();
        Assert.DoesNotContain(others, other => other.IsCompleted);
        schedule.Answer(null);
        await Task.WhenAll(others);
        Assert.Equal([-1, 3], schedule.Known);
    }

    [Fact]
    public async Task A_pull_that_fails_fails_nobody_else()
    {
        var (map, schedule) = Make();
        var first = map.Pull();
        await schedule.Asked();
        var second = map.Pull();
        schedule.Fail(new UnavailableException("Not now."));
        await Assert.ThrowsAsync<UnavailableException>(() => first);
        await schedule.Asked();
        schedule.Answer(Whole(3));
        await second;
        var third = map.Pull();
        await schedule.Asked();
        schedule.Answer(null);
        await third;
        Assert.Equal([-1, -1, 3], schedule.Known);
    }

    [Fact]
    public async Task Deltas_of_any_version_make_the_map_that_was_pulled()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var (map, schedule) = Make();
        var present = new string[Seats];
        Array.Fill(present, "AVAILABLE");
        var seen = new Dictionary<long, string[]>();
        for (var version = 1L; version < 300; version += random.Next(1, 4))
        {
            var pull = map.Pull();
            await schedule.Asked();
            schedule.Answer(version == 1 ? Whole(1) : Changed(version, present, random));
            await pull;
            seen[version] = [.. present];
            foreach (var (since, then) in seen)
            {
                var shown = JsonDocument.Parse(map.Since(since).Reply("", "").Json).RootElement;
                string[] folded = [.. then];
                foreach (var seat in shown.GetProperty("seats").EnumerateArray())
                {
                    folded[((seat.GetProperty("row").GetInt32() - 1) * 10) + seat.GetProperty("number").GetInt32() - 1] =
                        seat.GetProperty("status").GetString()!;
                }

                Assert.Equal(version, shown.GetProperty("version").GetInt64());
                Assert.True(folded.SequenceEqual(present), $"seed {seed}: since {since} at {version}");
            }

            Assert.Same(map.Whole(onlyAvailable: false), map.Whole(onlyAvailable: false));
            Assert.Equal(
                present.Count(status => status == "AVAILABLE"),
                JsonDocument.Parse(map.Whole(onlyAvailable: true).Reply("", "").Json).RootElement.GetProperty("seats").GetArrayLength());
        }
    }

    [Fact]
    public async Task What_is_kept_of_all_earlier_versions_names_no_more_seats_than_there_are()
    {
        var (map, schedule) = Make();
        var pull = map.Pull();
        await schedule.Asked();
        schedule.Answer(Whole(1));
        await pull;
        pull = map.Pull();
        await schedule.Asked();
        var changes = Enumerable.Range(0, Seats).Select(seat => new SeatChange(seat, SeatStatus.Held, seat + 2));
        schedule.Answer(new(Seats + 1, Instant.Epoch, []) { Changes = [.. changes] });
        await pull;
        var (whole, half) = (map.Whole(onlyAvailable: false), map.Since(1 + (Seats / 2)));
        Assert.NotSame(map.Since(Seats), map.Since(Seats - 1));
        Assert.Same(half, map.Since(1 + (Seats / 2)));
        var most = map.Since(1);
        Assert.Same(most, map.Since(1));
        Assert.NotSame(half, map.Since(1 + (Seats / 2)));
        Assert.NotSame(most, map.Since(1));
        Assert.Same(whole, map.Whole(onlyAvailable: false));
    }

    private static SeatStatuses Whole(long version) => new(version, Instant.Epoch, [.. new byte[Seats]]);

    private static SeatStatuses Changed(long version, string[] present, Random random)
    {
        var changes = Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(Seats)).Distinct()
            .Select(seat => new SeatChange(seat, (SeatStatus)random.Next(3), version)).ToImmutableArray();
        foreach (var change in changes)
        {
            present[change.Seat] = change.Status.ToString().ToUpperInvariant();
        }

        return new(version, Instant.Epoch, []) { Changes = changes };
    }

    private static (SeatMap Map, ScriptedSchedule Schedule) Make()
    {
        var grain = DispatchProxy.Create<IScheduleGrain, ScriptedSchedule>();
        return (new(new(Definition), grain), (ScriptedSchedule)(object)grain);
    }

    /// <summary>A schedule that answers when it is told to.</summary>
    public class ScriptedSchedule : DispatchProxy
    {
        private readonly Channel<long> _asked = Channel.CreateUnbounded<long>();
        private TaskCompletionSource<SeatStatuses?> _answer = new();

        public List<long> Known { get; } = [];

        public async Task Asked() => Known.Add(await _asked.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10)));

        public void Answer(SeatStatuses? statuses) => Next().SetResult(statuses);

        public void Fail(Exception exception) => Next().SetException(exception);

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var answer = _answer.Task;
            _asked.Writer.TryWrite((long)args![0]!);
            return answer;
        }

        private TaskCompletionSource<SeatStatuses?> Next() =>
            Interlocked.Exchange(ref _answer, new(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
