using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>A place as the naive model of a queue keeps it.</summary>
internal sealed class Place
{
    public required long Ticket { get; init; }

    public required string User { get; init; }

    public required uint Nonce { get; set; }

    /// <summary>The nonces it had before, and until when.</summary>
    public List<(uint Nonce, Instant At)> Replaced { get; } = [];

    public required Instant IssuedAt { get; init; }

    public TokenStatus Status { get; set; }

    public Instant IdleAt { get; set; }

    public Instant? ActivatedAt { get; set; }

    public Instant? ExpiresAt { get; set; }

    public Instant PinnedUntil { get; set; }

    public Instant HeldUntil { get; set; }

    public Instant? EndedAt { get; set; }

    public EndReason? Reason { get; set; }

    public string? PaymentId { get; set; }

    public long ChangedAt { get; set; }

    public bool Live => Status is TokenStatus.Waiting or TokenStatus.Active;

    public Instant EndsAt
    {
        get
        {
            if (Status == TokenStatus.Waiting)
            {
                return IdleAt;
            }

            var own = IdleAt < ExpiresAt!.Value ? IdleAt : ExpiresAt.Value;
            var pinned = PinnedUntil > HeldUntil ? PinnedUntil : HeldUntil;
            return own > pinned ? own : pinned;
        }
    }

    /// <summary>Whether the memory of permits began after it was admitted.</summary>
    public bool OutlivedAStart { get; set; }

    public bool MayBeHeldAt(Instant now) => HeldUntil > now || OutlivedAStart;

    public bool KnownAt(Instant now) => Live || (now - EndedAt!.Value) < TimeSpan.FromHours(24);
}

/// <summary>A queue as a list that is searched from the front for every question.</summary>
internal sealed class QueueModel
{
    private readonly Dictionary<(int Run, long Interval), int> _used = [];
    private Instant _from;
    private int _run;

    public List<Place> Places { get; } = [];

    public QueuePolicy? Policy { get; private set; }

    public QueueMode Mode { get; private set; }

    public long ChangedAt { get; set; }

    public long Admitted { get; private set; }

    public IEnumerable<Place> Waiting => Places.Where(place => place.Status == TokenStatus.Waiting);

    public int Active => Places.Count(place => place.Status == TokenStatus.Active);

    public Place? LiveOf(string user) => Places.Find(place => place.User == user && place.Live);

    public Place? Find(long ticket) => Places.Find(place => place.Ticket == ticket);

    public int CountOf(TokenStatus status) => Places.Count(place => place.Status == status);

    public void StartIntervals(Instant at) => (_from, _run) = (at, _run + 1);

    public void Change(QueuePolicy policy, QueueMode mode, long version, Instant now)
    {
        if (Policy is { } before && before.AdmitEvery != policy.AdmitEvery)
        {
            var used = UsedAt(now);
            StartIntervals(now);
            _used[(_run, 0)] = used;
        }

        (Policy, Mode, ChangedAt) = (policy, mode, version);
    }

    public void Join(long ticket, string user, uint nonce, long version, Instant now)
    {
        Places.Add(new() { Ticket = ticket, User = user, Nonce = nonce, IssuedAt = now, ChangedAt = version });
        Touch(Places[^1], now);
    }

    public void Touch(Place place, Instant now)
    {
        var timeout = place.Status == TokenStatus.Waiting ? Policy!.WaitingIdleTimeout : Policy!.ActiveIdleTimeout;
        place.IdleAt = timeout is null ? Instant.Never : now + timeout.Value;
    }

    public int MayAdmit(bool atBoundary, Instant now)
    {
        if (Policy is null || Mode == QueueMode.Paused || (!atBoundary && !Policy.AdmitOnPoll))
        {
            return 0;
        }

        var count = Waiting.Count();
        count = Policy.AdmitCount is { } perInterval ? Math.Min(count, perInterval - UsedAt(now)) : count;
        count = Policy.MaxActive is { } cap ? Math.Min(count, cap - Active) : count;
        return Math.Max(0, count);
    }

    public void Admit(int count, long version, Instant now)
    {
        foreach (var place in Waiting.Take(count).ToArray())
        {
            (place.Status, place.ActivatedAt, place.ExpiresAt) = (TokenStatus.Active, now, now + Policy!.ActiveTtl);
            place.ChangedAt = version;
            Touch(place, now);
        }

        Admitted += count;
        _used[(_run, IntervalAt(now))] = UsedAt(now) + count;
    }

    public static void End(
        Place place, TokenStatus status, EndReason reason, string? paymentId, long version, Instant now)
    {
        (place.Status, place.Reason, place.PaymentId, place.EndedAt) = (status, reason, paymentId, now);
        place.ChangedAt = version;
    }

    public Instant NextAdmission(Instant now)
    {
        if (Policy is null || Mode == QueueMode.Paused || !Waiting.Any() || (Policy.AdmitOnPoll && Active >= Policy.MaxActive))
        {
            return Instant.Never;
        }

        return _from + ((IntervalAt(now) + 1) * Policy.AdmitEvery);
    }

    public Instant IntervalStart(Instant now) => _from + (IntervalAt(now) * Policy!.AdmitEvery);

    public void Restart(Instant now)
    {
        ChangedAt = 0;
        foreach (var place in Places)
        {
            place.ChangedAt = 0;
            place.HeldUntil = Instant.Epoch;
            place.OutlivedAStart = place.Status == TokenStatus.Active;
            if (place.Live)
            {
                Touch(place, now);
            }
        }
    }

    private long IntervalAt(Instant now) =>
        (now.Milliseconds - _from.Milliseconds) / (long)Policy!.AdmitEvery.TotalMilliseconds;

    private int UsedAt(Instant now) => _used.GetValueOrDefault((_run, IntervalAt(now)));
}
