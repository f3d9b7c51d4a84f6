using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansConcert.Faults.Linearizability;

/// <summary>What clients did to seats over HTTP and were told, seat by seat, in microseconds of one clock.</summary>
/// <remarks>
/// A call that takes several seats is an operation on each of them: what is found is wrong, though not all that is wrong is found.
/// </remarks>
internal sealed class SeatHistories
{
    /// <summary>How far the server's clock may be from ours: both take the machine's once, and count on.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMilliseconds(50);

    /// <summary>How old a seat map may be.</summary>
    private static readonly TimeSpan Staleness = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Schedule, string Seat), ConcurrentQueue<Operation>> _seats = [];
    private readonly ConcurrentDictionary<string, int> _holders = [];
    private readonly DateTimeOffset _start = TimeProvider.System.GetUtcNow();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _lastHolder;

    /// <summary>Operations in the histories that were judged.</summary>
    public int Judged { get; private set; }

    public long Now => Microseconds(_clock.Elapsed);

    /// <summary>Told now: the seats are held until a deadline, which is an operation as well.</summary>
    public void Held(long call, string reservation, Seats seats, DateTimeOffset expiresAt)
    {
        var (holder, deadline, now) = (HolderOf(reservation), expiresAt - _start, Now);
        foreach (var seat in seats.Names)
        {
            var hold = Note(seats.Schedule, seat, new(call, now, Act.Hold, holder));
            var (earliest, latest) = (Microseconds(deadline - Skew), Microseconds(deadline + Skew));
            Note(seats.Schedule, seat, new(earliest, latest, Act.Lapse, holder) { After = hold });
        }
    }

    /// <summary>Nobody was told whether the seats were held, and nobody will ever name that reservation.</summary>
    /// <param name="holdTtl">How long it lasts where they were.</param>
    public void PerhapsHeld(long call, Seats seats, TimeSpan holdTtl)
    {
        var holder = Interlocked.Increment(ref _lastHolder);
        foreach (var seat in seats.Names)
        {
            var hold = Note(seats.Schedule, seat, new(call, Operation.Never, Act.Hold, holder));
            Note(seats.Schedule, seat, new(call + Microseconds(holdTtl - Skew), Operation.Never, Act.Lapse, holder) { After = hold });
        }
    }

    /// <summary>Told now, of one reservation.</summary>
    public void Told(long call, Act act, string reservation, Seats seats) => NoteAll(call, Now, act, reservation, seats);

    /// <summary>Nobody was told whether it happened; or it happens some time later by itself.</summary>
    public void Perhaps(long call, Act act, string reservation, Seats seats) => NoteAll(call, Operation.Never, act, reservation, seats);

    /// <summary>Told now: the reservation is paid.</summary>
    public void Sold(long call, string reservation, Seats seats)
    {
        var (holder, now) = (HolderOf(reservation), Now);
        foreach (var seat in seats.Names)
        {
            var pay = Note(seats.Schedule, seat, new(call, now, Act.Pay, holder));
            Note(seats.Schedule, seat, new(call, now, Act.Sell, holder) { After = pay });
        }
    }

    /// <summary>A payment may have begun and come to nothing without anybody being told.</summary>
    public void PerhapsAborted(long call, string reservation, Seats seats)
    {
        Perhaps(call, Act.Pay, reservation, seats);
        Perhaps(call, Act.Abort, reservation, seats);
    }

    /// <summary>Told now: somebody has these seats.</summary>
    public void Taken(long call, Seats seats)
    {
        var now = Now;
        seats.Names.ToList().ForEach(seat => Note(seats.Schedule, seat, new(call, now, Act.SeeTaken, 0)));
    }

    /// <summary>Seen now in a seat map: AVAILABLE, HELD or SOLD.</summary>
    public void Mapped(long call, string schedule, string seat, string status) =>
        Note(schedule, seat, new(
            call - Microseconds(Staleness),
            Now,
            status switch { "AVAILABLE" => Act.SeeFree, "HELD" => Act.SeeHeld, _ => Act.SeeSold },
            0));

    /// <summary>The seats whose history cannot have been, with the history; forgets those of the schedule.</summary>
    public IEnumerable<string> Wrong(string schedule)
    {
        foreach (var seat in _seats.Keys.Where(seat => seat.Schedule == schedule))
        {
            _seats.TryRemove(seat, out var operations);
            Judged += operations!.Count;
            if (!Checker.IsLinearizable([.. operations]))
            {
                var lines = operations.OrderBy(operation => operation.Call).Select(operation => $"  {operation}");
                yield return $"the history of {seat.Seat} of {schedule} cannot have been:\n{string.Join('\n', lines)}";
            }
        }
    }

    private void NoteAll(long call, long returned, Act act, string reservation, Seats seats)
    {
        var holder = HolderOf(reservation);
        seats.Names.ToList().ForEach(seat => Note(seats.Schedule, seat, new(call, returned, act, holder)));
    }

    private Operation Note(string schedule, string seat, Operation operation)
    {
        _seats.GetOrAdd((schedule, seat), _ => []).Enqueue(operation);
        return operation;
    }

    private int HolderOf(string reservation) => _holders.GetOrAdd(reservation, _ => Interlocked.Increment(ref _lastHolder));

    private static long Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}

/// <summary>Seats of one schedule.</summary>
internal sealed record Seats(string Schedule, IReadOnlyList<string> Names);
