namespace OrleansConcert.Domain.Queues;

/// <summary>
/// Up to when a queue knows whom its hosts have answered from their boards: nobody is ended as idle by what is not known yet.
/// </summary>
public sealed class HandOvers
{
    /// <summary>How often a queue looks whether a host that it waits for is still there.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// A host that was silent for so many looks is lost. Looks are counted, not time: where the process was suspended no host could
    /// have told anything.
    /// </summary>
    public const int LooksToLose = 10;

    private readonly Dictionary<string, Host> _hosts = new(StringComparer.Ordinal);
    private Instant _lookedAt;
    private Instant _allSeenAt;

    /// <summary>A host has handed over.</summary>
    public void Take(HandOver handOver, Instant now)
    {
        if (!_hosts.TryGetValue(handOver.Host, out var host))
        {
            _hosts.Add(handOver.Host, host = new());
        }

        // One that was overtaken by a later one says nothing: the host has answered others meanwhile.
        if (handOver.Number > host.Number)
        {
            (host.Number, host.At, host.Looks) = (handOver.Number, now, 0);
            (host.Through, host.Answers) = (Instant.Min(handOver.Through, now), !handOver.IsLast);
        }
    }

    /// <summary>
    /// Up to when it is known who was heard of: what every host that may be answering has told of. Where a host was lost, everybody
    /// counts as heard of by it at last, as after a restart.
    /// </summary>
    public Instant Horizon(Instant now, QueuePolicy policy)
    {
        var horizon = now;
        foreach (var host in _hosts.Values)
        {
            horizon = host.Answers ? Instant.Min(horizon, host.Through) : horizon;
        }

        var (waiting, active) = (policy.WaitingIdleTimeout ?? TimeSpan.Zero, policy.ActiveIdleTimeout ?? TimeSpan.Zero);
        return _allSeenAt + (waiting > active ? waiting : active) > horizon && _allSeenAt > Instant.Epoch ? Instant.Epoch : horizon;
    }

    /// <summary>Looks whether the hosts are still there; more often than <see cref="LookEvery"/> it does nothing.</summary>
    public void Look(Instant now)
    {
        if (now < _lookedAt + LookEvery)
        {
            return;
        }

        _lookedAt = now;
        foreach (var (name, host) in _hosts)
        {
            if (++host.Looks > LooksToLose)
            {
                _allSeenAt = host.Answers ? Instant.Max(_allSeenAt, host.At + BoardCopy.MaxAge) : _allSeenAt;
                _hosts.Remove(name);
            }
        }
    }

    private sealed class Host
    {
        public long Number { get; set; }

        /// <summary>When it last handed over.</summary>
        public Instant At { get; set; }

        public Instant Through { get; set; }

        public bool Answers { get; set; }

        public int Looks { get; set; }
    }
}
