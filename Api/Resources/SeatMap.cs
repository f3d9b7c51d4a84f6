using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Api.Resources;

/// <summary>
/// The seat map of one schedule as this host knows it: pulled as changes and folded. What is shown of it is written once a version,
/// for all who ask.
/// </summary>
internal sealed class SeatMap(House house, IScheduleGrain schedule)
{
    /// <summary>So many parts are kept: asking for what changed since every version there was costs no more memory.</summary>
    private const int MostParts = 16;

    private const string Everything = "";
    private const string OnlyAvailable = ".available";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SeatPart> _parts = new(StringComparer.Ordinal);
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
            return Part(onlyAvailable ? OnlyAvailable : Everything, true, () =>
                [.. _statuses.Index().Where(seat => !onlyAvailable || seat.Item == SeatStatus.Available)]);
        }
    }

    /// <summary>What changed after that version where that is known, else every seat.</summary>
    public SeatPart Since(long version)
    {
        lock (_gate)
        {
            return _changes.After(version) is { } changed
                ? Part($".since.{version}", false, () => [.. changed.Select(change => (change.Seat, _statuses[change.Seat]))])
                : Whole(onlyAvailable: false);
        }
    }

    private SeatPart Part(string which, bool complete, Func<(int Seat, SeatStatus Status)[]> seats)
    {
        if (!_parts.TryGetValue(which, out var part))
        {
            if (_parts.Count == MostParts)
            {
                _parts.Clear();
            }

            _parts.Add(which, part = new(house, _changes.Version, _asOf, which, complete, seats()));
        }

        return part;
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
            _parts.Clear();
        }
    }
}
