using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Api.Resources;

/// <summary>
/// The seat map of one schedule as this host knows it: pulled as changes and folded. What is shown of it is written once a version,
/// for all who ask.
/// </summary>
internal sealed class SeatMap(House house, IScheduleGrain schedule)
{
    /// <summary>
    /// What changed since so many versions is kept, and of all these together no more seats than there are: asking about every version
    /// there was costs no more memory than another whole map.
    /// </summary>
    private const int MostSince = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, SeatPart> _since = [];
    private int _seatsSince;
    private SeatPart? _whole;
    private SeatPart? _available;
    private SeatStatus[] _statuses = [];
    private SeatChanges _changes = new(0, -1);
    private Instant _asOf;
    private Task? _pull;
    private Task? _nextPull;

    /// <summary>The version that was pulled last.</summary>
    public long Version => Volatile.Read(ref _changes).Version;

    /// <summary>
    /// Asks the schedule what changed. The answer to a pull under way may be older than what the caller has seen, so they wait for the
    /// next one, together with all who come meanwhile.
    /// </summary>
    public Task Pull()
    {
        lock (_gate)
        {
            return _pull is null ? _pull = Pull(null) : _nextPull ??= Pull(_pull);
        }
    }

    /// <summary>Every seat, or every free one.</summary>
    public SeatPart Whole(bool onlyAvailable)
    {
        lock (_gate)
        {
            return onlyAvailable
                ? _available ??= Part(".available", true, _statuses.Index().Where(seat => seat.Item == SeatStatus.Available))
                : _whole ??= Part("", true, _statuses.Index());
        }
    }

    /// <summary>What changed after that version where that is known, else every seat.</summary>
    public SeatPart Since(long version)
    {
        lock (_gate)
        {
            return _since.GetValueOrDefault(version)
                ?? (_changes.After(version) is { } changed ? Since(version, changed) : Whole(onlyAvailable: false));
        }
    }

    private SeatPart Since(long version, IReadOnlyList<(long Version, int Seat)> changed)
    {
        if (_since.Count == MostSince || _seatsSince + changed.Count > _statuses.Length)
        {
            ForgetSince();
        }

        var part = Part($".since.{version}", false, changed.Select(change => (change.Seat, _statuses[change.Seat])));
        _seatsSince += changed.Count;
        _since.Add(version, part);
        return part;
    }

    private SeatPart Part(string which, bool complete, IEnumerable<(int Seat, SeatStatus Status)> seats) =>
        new(house, _changes.Version, _asOf, which, complete, [.. seats]);

    private void ForgetSince()
    {
        _since.Clear();
        _seatsSince = 0;
    }

    private async Task Pull(Task? before)
    {
        // Not within the caller's lock.
        await Task.Yield();
        if (before is not null)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_gate)
            {
                (_pull, _nextPull) = (_nextPull, null);
            }
        }

        try
        {
            Fold(await schedule.Map(_changes.Version));
        }
        finally
        {
            lock (_gate)
            {
                _pull = _nextPull is null ? null : _pull;
            }
        }
    }

    private void Fold(SeatStatuses? newer)
    {
        lock (_gate)
        {
            if (newer is null || newer.Version <= _changes.Version)
            {
                return;
            }

            if (newer.IsWhole)
            {
                _statuses = [.. newer.Statuses.Select(status => (SeatStatus)status)];
                _changes = new(_statuses.Length, newer.Version);
            }

            foreach (var (seat, status, version) in newer.Changes)
            {
                _statuses[seat] = status;
                _changes.Add(version, seat);
            }

            _asOf = newer.AsOf;
            (_whole, _available) = (null, null);
            ForgetSince();
        }
    }
}
