using OrleansConcert.Domain.Audits;
using OrleansConcert.Domain.Concerts;

namespace OrleansConcert.Simulation;

/// <summary>
/// All that is known to be durable, event by event: the states as the rules make them, what the auditor finds, and every event by
/// what it names. Each event is looked at once, when it becomes known, and held against the journal's bytes at every start.
/// </summary>
internal sealed class Books
{
    private readonly Auditor _auditor = new();
    private readonly PolicyBook _policies;
    private readonly List<string> _findings = [];
    private readonly Dictionary<string, List<ulong>> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Caller, string Key), string> _answers = [];
    private readonly HashSet<long> _charged = [];
    private readonly HashSet<(string Caller, string Key)> _soldUnder = [];
    private readonly Dictionary<string, int> _holdsOf = new(StringComparer.Ordinal);

    public Books() => _policies = new(end => IsEndAskedFor!(end));

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
    public string? Late => _policies.Late is [var first, ..] ? first : null;

    /// <inheritdoc cref="PolicyBook.Heard"/>
    public void Heard(long ticket, Instant at) => _policies.Heard(ticket, at);

    /// <inheritdoc cref="PolicyBook.Start"/>
    public void Start() => _policies.Start();

    /// <summary>What every seat was when.</summary>
    public SeatBook Seats { get; } = new();

    public Dictionary<long, Joined> Joins { get; } = [];

    /// <summary>The nonces that the tokens of each ticket had, one after another; only the last is good.</summary>
    public Dictionary<long, List<uint>> Nonces { get; } = [];

    /// <summary>When a token was replaced by another one for its place, by ticket and nonce.</summary>
    public Dictionary<(long Ticket, uint Nonce), Instant> Rotations { get; } = [];

    public HashSet<long> Admissions { get; } = [];

    public Dictionary<long, List<Ended>> Ends { get; } = [];

    /// <summary>The holds of each ticket.</summary>
    public Dictionary<long, List<SeatsHeld>> HoldsUnder { get; } = [];

    /// <summary>The key under which each payment was asked for.</summary>
    public Dictionary<string, Repeat?> Keys { get; } = new(StringComparer.Ordinal);

    /// <summary>What the user asked for so far; more than that nobody may get.</summary>
    public required Func<string, int> HoldsAskedFor { get; init; }

    /// <summary>Whether somebody asked for that end of a place; nobody else may bring it about.</summary>
    public required Func<Ended, bool> IsEndAskedFor { get; init; }

    /// <summary>Whether the events of that stream are folded here; of the others only the bytes are compared.</summary>
    public static bool Folds(string stream) => stream.StartsWith(WireNames.QueueStreams, StringComparison.Ordinal)
        || stream.StartsWith(WireNames.ScheduleStreams, StringComparison.Ordinal)
        || stream.StartsWith(WireNames.WalletStreams, StringComparison.Ordinal)
        || stream.StartsWith(WireNames.ConcertStreams, StringComparison.Ordinal);

    /// <summary>The last version of a stream that is known to be durable.</summary>
    public long KnownOf(string stream) => _known.TryGetValue(stream, out var hashes) ? hashes.Count : 0;

    /// <summary>Looks at the next event of a stream; what is wrong with it, or null.</summary>
    public string? Observe(string stream, long version, ReadOnlyMemory<byte> text)
    {
        Of(_known, stream).Add(HashOf(text.Span));
        if (Folds(stream))
        {
            Fold(stream, version, text);
        }

        return Wrong();
    }

    /// <summary>An answer became durable; what is wrong with that, or null.</summary>
    public string? Answered(StoredAnswer answer)
    {
        var body = System.Text.Encoding.UTF8.GetString(answer.Body.Span);
        return _answers.TryAdd((answer.Caller, answer.Key), body)
            ? null
            : $"the key {answer.Key} of {answer.Caller} is answered {body} after {_answers[(answer.Caller, answer.Key)]}";
    }

    /// <summary>Whether the key is known to have an answer.</summary>
    public bool HasAnswer(string caller, string key) => _answers.ContainsKey((caller, key));

    /// <summary>
    /// Holds everything known against a journal that nobody writes, and looks at what was written besides; what is wrong, or null.
    /// </summary>
    public async Task<string?> Compare(IJournal journal)
    {
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var entry in journal.ReadAll(CancellationToken.None))
        {
            seen[entry.Stream] = entry.Version;
            var known = Of(_known, entry.Stream);
            if (entry.Version > known.Count + 1)
            {
                return $"{entry.Stream} {entry.Version} stands where {known.Count + 1} should";
            }

            if (entry.Version == known.Count + 1)
            {
                if (Observe(entry.Stream, entry.Version, entry.Text) is { } wrong)
                {
                    return wrong;
                }
            }
            else if (known[(int)entry.Version - 1] != HashOf(entry.Text.Span))
            {
                return $"{entry.Stream} {entry.Version} was written differently from what is read";
            }
        }

        var lost = _known.Where(stream => stream.Value.Count > seen.GetValueOrDefault(stream.Key)).Select(stream => stream.Key).Min();
        return lost is null ? Whole() : $"{lost} was durable up to {KnownOf(lost)}, and is there up to {seen.GetValueOrDefault(lost)}";
    }

    /// <summary>What the books say of each other; what is wrong, or null.</summary>
    public string? Whole()
    {
        _findings.AddRange(_auditor.Conclude().Findings);
        _findings.AddRange(CountFindings());
        return Wrong();
    }

    /// <summary>The state of a stream as stored, with events handed over on top; null where there is no such state.</summary>
    public byte[]? StateOf(string stream, IEnumerable<KeyValuePair<long, ReadOnlyMemory<byte>>> handed)
    {
        var slash = stream.IndexOf('/', StringComparison.Ordinal) + 1;
        var key = stream[slash..];
        return stream[..slash] switch
        {
            WireNames.QueueStreams => On(JournalFormats.Queue, Of(Queues, key)),
            WireNames.ScheduleStreams => On(JournalFormats.Schedule, Of(Schedules, key)),
            WireNames.WalletStreams => On(JournalFormats.Wallet, Of(Wallets, key)),
            WireNames.ConcertStreams => On(JournalFormats.Concert, Of(Concerts, key)),
            _ => null,
        };

        byte[] On<TState, TEvent>(JournalFormat<TState, TEvent> format, TState state)
        {
            if (!handed.Any())
            {
                return format.Stored(state);
            }

            var with = format.Restore([.. format.Capture(state)]);
            foreach (var (version, text) in handed)
            {
                format.Apply(with, format.Read(text), version);
            }

            return format.Stored(with);
        }
    }

    private string? Wrong()
    {
        return _findings.Count + _auditor.Findings.Count + _policies.Findings.Count == 0
            ? null
            : string.Join('\n', _findings.Concat(_auditor.Findings).Concat(_policies.Findings).Take(5));
    }

    /// <summary>FNV-1a.</summary>
    private static ulong HashOf(ReadOnlySpan<byte> text)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var one in text)
        {
            hash = unchecked((hash ^ one) * 1_099_511_628_211UL);
        }

        return hash;
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

    /// <summary>
    /// A token does not end by the clock before its holds do, nor by a rejoin that gives none of them up; and it takes nothing after
    /// its end.
    /// </summary>
    private void Check(SeatsHeld hold, Ended end)
    {
        var isAskedFor = end.Status != TokenStatus.Expired || IsEndAskedFor(end);
        var heldUntil = Lives[hold.ReservationId].Where(happened => happened is HoldReleased or HoldLapsed or PaymentStarted)
            .Select(happened => happened.At).Append(hold.ExpiresAt).Min();
        if (!isAskedFor && end.At < heldUntil)
        {
            _findings.Add($"ticket {hold.Ticket} ended at {end.At} ({end.Reason}), "
                + $"before its hold {hold.ReservationId} did at {heldUntil}");
        }
        else if (isAskedFor && end.At < hold.At)
        {
            _findings.Add($"ticket {hold.Ticket} ended at {end.At} ({end.Reason}), and took {hold.ReservationId} at {hold.At}");
        }
    }

    private void Fold(string stream, long version, ReadOnlyMemory<byte> text)
    {
        var slash = stream.IndexOf('/', StringComparison.Ordinal) + 1;
        var key = stream[slash..];
        switch (stream[..slash])
        {
            case WireNames.QueueStreams:
                var queued = JournalFormats.Queue.Read(text);
                _auditor.Observe(key, queued);
                _policies.Observe(queued);
                Observe(queued, Of(Queues, key));
                Of(Queues, key).Apply(queued, version);
                break;
            case WireNames.ScheduleStreams:
                var seated = JournalFormats.Schedule.Read(text);
                _auditor.Observe(key, seated);
                _policies.Observe(key, seated);
                Seats.Observe(key, seated, version);
                Observe(key, seated);
                Of(Schedules, key).Apply(seated, version);
                break;
            case WireNames.WalletStreams:
                var moved = JournalFormats.Wallet.Read(text);
                _auditor.Observe(key, moved);
                _policies.Observe(moved);
                Of(Wallets, key).Apply(moved);
                Observe(key, moved);
                break;
            case WireNames.ConcertStreams:
                Of(Concerts, key).Apply(JournalFormats.Concert.Read(text));
                break;
        }
    }

    private void Observe(QueueEvent happened, QueueState before)
    {
        switch (happened)
        {
            case Joined joined:
                Joins.Add(joined.Ticket, joined);
                Of(Nonces, joined.Ticket).Add(joined.Nonce);
                break;
            case Rotated rotated:
                Rotations.Add((rotated.Ticket, Nonces[rotated.Ticket][^1]), rotated.At);
                Nonces[rotated.Ticket].Add(rotated.Nonce);
                break;
            case Admitted admitted:
                Admissions.UnionWith(before.Line.FromFront().TakeWhile(ticket => ticket <= admitted.Through));
                break;
            case Ended ended:
                Of(Ends, ended.Ticket).Add(ended);
                if (ended.Reason is EndReason.Left or EndReason.Admin && !IsEndAskedFor(ended))
                {
                    _findings.Add($"ticket {ended.Ticket} ended at {ended.At} ({ended.Reason}), and nobody asked for it");
                }

                HoldsUnder.GetValueOrDefault(ended.Ticket)?.ForEach(hold => Check(hold, ended));
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
                Of(HoldsUnder, held.Ticket).Add(held);
                Ends.GetValueOrDefault(held.Ticket)?.ForEach(end => Check(held, end));
                Count(held.UserId);
                if (held.ExpiresAt <= held.At)
                {
                    _findings.Add($"{held.ReservationId} was held at {held.At} until {held.ExpiresAt}");
                }

                break;
            case SeatsSold sold:
                Sales.Add(sold.PaymentId, sold);
                CheckDebit(sold, Holds[sold.ReservationId]);
                Lives[sold.ReservationId].Add(sold);
                break;
            case PaymentRefunded refunded:
                Refunds.Add(refunded.PaymentId, refunded);
                Lives[refunded.ReservationId].Add(refunded);
                break;
            case PaymentStarted started:
                PaymentsStarted.Add(started.PaymentId);
                Keys.Add(started.PaymentId, started.Repeat);
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
                if (!_charged.Add(charged.Amount))
                {
                    _findings.Add($"charge {charged.Amount} of {user} was made twice");
                }

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

    private void Count(string userId)
    {
        var holds = _holdsOf[userId] = _holdsOf.GetValueOrDefault(userId) + 1;
        if (holds > HoldsAskedFor(userId))
        {
            _findings.Add($"{userId} asked for {HoldsAskedFor(userId)} holds and got {holds}");
        }
    }

    /// <summary>The debit comes before the sale, and one key buys once.</summary>
    private void CheckDebit(SeatsSold sold, SeatsHeld hold)
    {
        if (!Debits.TryGetValue(sold.PaymentId, out var debit) || debit.Amount != hold.Amount || debit.Balance != sold.BalanceAfter)
        {
            _findings.Add($"{sold} of {hold} has the debit {debit}");
        }

        if (Keys[sold.PaymentId] is { } repeat && !_soldUnder.Add((repeat.Caller, repeat.Key)))
        {
            _findings.Add($"the key {repeat.Key} of {repeat.Caller} bought twice, at last {sold}");
        }
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
