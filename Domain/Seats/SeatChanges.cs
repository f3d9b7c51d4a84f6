namespace OrleansConcert.Domain.Seats;

/// <summary>
/// The latest changes of the seats of one schedule. As many are kept as it has seats: a longer list tells hardly more than the whole
/// map. Adding one is O(1), looking back is O(changes looked at).
/// </summary>
public sealed class SeatChanges(int seatCount, long version)
{
    private const int FewestKept = 256;

    private readonly (long Version, int Seat)[] _kept = new (long, int)[Math.Max(seatCount, FewestKept)];
    private long _added;

    /// <summary>All changes after this version are kept.</summary>
    private long _keptAfter = version;

    /// <summary>The version of the last change.</summary>
    public long Version { get; private set; } = version;

    /// <summary>Adds a change; versions never fall.</summary>
    public void Add(long version, int seat)
    {
        var place = _added++ % _kept.Length;
        if (_added > _kept.Length)
        {
            _keptAfter = _kept[place].Version;
        }

        _kept[place] = (version, seat);
        Version = version;
    }

    /// <summary>
    /// The seats that changed after that version, each once with the version of its last change, the earliest first. Null where that
    /// version is ahead of the last change, or so old that not all of them are kept.
    /// </summary>
    public IReadOnlyList<(long Version, int Seat)>? After(long version)
    {
        if (version < _keptAfter || version > Version)
        {
            return null;
        }

        var seen = new HashSet<int>();
        var changed = new List<(long, int)>();
        for (var back = _added - 1; back >= Math.Max(0, _added - _kept.Length) && _kept[back % _kept.Length].Version > version; back--)
        {
            if (seen.Add(_kept[back % _kept.Length].Seat))
            {
                changed.Add(_kept[back % _kept.Length]);
            }
        }

        changed.Reverse();
        return changed;
    }
}
