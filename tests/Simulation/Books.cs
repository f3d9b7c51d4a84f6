using OrleansConcert.Domain.Audits;
using OrleansConcert.Domain.Concerts;

namespace OrleansConcert.Simulation;

/// <summary>
/// The journal, folded afresh: the states as the rules make them, what the auditor finds, and every event by what it names.
/// </summary>
internal sealed class Books(EventsRead events)
{
    private readonly Auditor _auditor = new();
    private readonly PolicyBook _policies = new();
    private readonly List<string> _findings = [];

    public Dictionary<string, QueueState> Queues { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ScheduleState> Schedules { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, WalletState> Wallets { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ConcertState> Concerts { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Charged> Charges { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Debited> Debits { get; } = new(StringComparer.Ordinal);

    public HashSet<(string User, long Balance)> Balances { get; } = [];

    public Dictionary<string, SeatsHeld> Holds { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SeatsSold> Sales { get; } = new(StringComparer.Ordinal);

    /// <summary>What happened to a reservation, in order.</summary>
    public Dictionary<string, List<SeatEvent>> Lives { get; } = new(StringComparer.Ordinal);

    /// <summary>What was given back, by payment: by the schedule, and in the wallet.</summary>
    public Dictionary<string, PaymentRefunded> Refunds { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Refunded> Credits { get; } = new(StringComparer.Ordinal);

    public HashSet<string> PaymentsStarted { get; } = new(StringComparer.Ordinal);

    /// <summary>What ended late, with no misfortune to blame.</summary>
    public IReadOnlyList<string> Late => _policies.Late;

    /// <summary>What every seat was when.</summary>
    public SeatBook Seats { get; } = new();

    public Dictionary<long, Joined> Joins { get; } = [];

    public HashSet<long> Admissions { get; } = [];

    public Dictionary<long, List<Ended>> Ends { get; } = [];

    /// <summary>The ids of each user's reservations, as noted with their holds.</summary>
    public Dictionary<string, List<string>> Notes { get; } = new(StringComparer.Ordinal);

    public static async Task<Books> Read(IJournal journal, EventsRead events)
    {
        var books = new Books(events);
        await foreach (var entry in journal.ReadAll(CancellationToken.None))
        {
            books.Observe(entry);
        }

        return books;
    }

    /// <summary>What does not hold, by the auditor and by the rules of who may hold.</summary>
    public IEnumerable<string> Findings()
    {
        var charges = Charges.Values.CountBy(charge => charge.Amount).Where(count => count.Value > 1);
        return
        [
            .. _auditor.Conclude().Findings,
            .. _findings,
            .. _policies.Findings(),
            .. TokenFindings(),
            .. CountFindings(),
            .. charges.Select(twice => $"charge {twice.Key} was made {twice.Value} times"),
        ];
    }

    /// <summary>The states of every stream as JSON, by stream.</summary>
    public SortedDictionary<string, string> States()
    {
        var states = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add(WireNames.QueueStreams, Queues);
        Add(WireNames.ScheduleStreams, Schedules);
        Add(WireNames.WalletStreams, Wallets);
        Add(WireNames.ConcertStreams, Concerts);
        return states;

        void Add<TState>(string streams, Dictionary<string, TState> of)
            where TState : class
        {
            foreach (var (key, state) in of)
            {
                states.Add(streams + key, Insides.Json(state));
            }
        }
    }

    /// <summary>What a schedule counts is what its seats say.</summary>
    private IEnumerable<string> CountFindings()
    {
        foreach (var (id, schedule) in Schedules)
        {
            var seats = Enumerable.Range(0, schedule.Plan.SeatCount).Select(schedule.StatusOf).ToArray();
            var (free, sold) = (seats.Count(seat => seat == SeatStatus.Available), seats.Count(seat => seat == SeatStatus.Sold));
            if ((free, sold) != (schedule.AvailableCount, schedule.SoldCount))
            {
                yield return $"{id} has {free} free and {sold} sold, and counts {schedule.AvailableCount} and {schedule.SoldCount}";
            }
        }
    }

    /// <summary>A token does not end by the clock before its holds do, and takes nothing after its end.</summary>
    private IEnumerable<string> TokenFindings()
    {
        foreach (var hold in Holds.Values)
        {
            var heldUntil = Lives[hold.ReservationId].Where(happened => happened is HoldReleased or HoldLapsed or PaymentStarted)
                .Select(happened => happened.At).Append(hold.ExpiresAt).Min();
            foreach (var end in Ends.GetValueOrDefault(hold.Ticket) ?? [])
            {
                if (end.Status == TokenStatus.Expired && end.At < heldUntil)
                {
                    yield return $"ticket {hold.Ticket} ended at {end.At} ({end.Reason}), "
                        + $"before its hold {hold.ReservationId} did at {heldUntil}";
                }
                else if (end.Status != TokenStatus.Expired && end.At < hold.At)
                {
                    yield return $"ticket {hold.Ticket} ended at {end.At} ({end.Reason}), and took {hold.ReservationId} at {hold.At}";
                }
            }
        }
    }

    private void Observe(JournalEntry entry)
    {
        var json = JournalJson.Default;
        var slash = entry.Stream.IndexOf('/', StringComparison.Ordinal) + 1;
        var key = entry.Stream[slash..];
        switch (entry.Stream[..slash])
        {
            case WireNames.QueueStreams:
                var queued = events.Of(entry, json.QueueEvent);
                _auditor.Observe(key, queued);
                _policies.Observe(queued);
                Observe(queued, Of(Queues, key));
                Of(Queues, key).Apply(queued, entry.Version);
                break;
            case WireNames.ScheduleStreams:
                var seated = events.Of(entry, json.SeatEvent);
                _auditor.Observe(key, seated);
                _policies.Observe(key, seated);
                Seats.Observe(key, seated, entry.Version);
                Observe(key, seated);
                Of(Schedules, key).Apply(seated, entry.Version);
                break;
            case WireNames.WalletStreams:
                var moved = events.Of(entry, json.WalletEvent);
                _auditor.Observe(key, moved);
                _policies.Observe(moved);
                Of(Wallets, key).Apply(moved);
                Observe(key, moved);
                break;
            case WireNames.ConcertStreams:
                Of(Concerts, key).Apply(events.Of(entry, json.ConcertEvent));
                break;
            case WireNames.ReservationStreams:
                Of(Notes, key).Add(System.Text.Encoding.UTF8.GetString(entry.Text.Span).Trim('"'));
                break;
        }
    }

    private void Observe(QueueEvent happened, QueueState before)
    {
        switch (happened)
        {
            case Joined joined:
                Joins.Add(joined.Ticket, joined);
                break;
            case Admitted admitted:
                Admissions.UnionWith(before.Line.FromFront().TakeWhile(ticket => ticket <= admitted.Through));
                break;
            case Ended ended:
                Of(Ends, ended.Ticket).Add(ended);
                break;
        }
    }

    private void Observe(string schedule, SeatEvent happened)
    {
        switch (happened)
        {
            case SeatsHeld held:
                Holds.Add(held.ReservationId, held);
                Lives.Add(held.ReservationId, [held]);
                if (held.ExpiresAt <= held.At)
                {
                    _findings.Add($"{held.ReservationId} was held at {held.At} until {held.ExpiresAt}");
                }

                break;
            case SeatsSold sold:
                Sales.Add(sold.PaymentId, sold);
                Lives[sold.ReservationId].Add(sold);
                break;
            case PaymentRefunded refunded:
                Refunds.Add(refunded.PaymentId, refunded);
                Lives[refunded.ReservationId].Add(refunded);
                break;
            case PaymentStarted started:
                PaymentsStarted.Add(started.PaymentId);
                Lives[started.ReservationId].Add(started);
                break;
            case HoldConfirmed confirmed:
                Lives[confirmed.ReservationId].Add(confirmed);
                break;
            case HoldReleased released:
                Lives[released.ReservationId].Add(released);
                break;
            case HoldLapsed lapsed:
                Lives[lapsed.ReservationId].Add(lapsed);
                break;
        }
    }

    private void Observe(string user, WalletEvent happened)
    {
        switch (happened)
        {
            case Charged charged:
                Charges.Add(charged.EntryId, charged);
                break;
            case Debited debited:
                Debits.TryAdd(debited.PaymentId, debited);
                break;
            case Refunded refunded:
                Credits.TryAdd(refunded.PaymentId, refunded);
                break;
        }

        Balances.Add((user, Wallets[user].Balance));
    }

    private static T Of<TKey, T>(Dictionary<TKey, T> of, TKey key)
        where TKey : notnull
        where T : new()
    {
        if (!of.TryGetValue(key, out var value))
        {
            of.Add(key, value = new T());
        }

        return value;
    }
}
