using System.Text.Json.Serialization.Metadata;

namespace OrleansConcert.Grains.Tests;

/// <summary>What the first version wrote is read by every later one, and written in the same words.</summary>
public sealed class StoredTextTests
{
    private static readonly Instant At = Instant.From(ManualTime.Noon);
    private static readonly Instant Later = At + TimeSpan.FromMinutes(5);
    private static readonly ScheduleDefinition Show = new(
        "friday", "tour", "main", "2026-05-02", Later, At, Later, [new("A", 3, 10, 1_000)], Preset.Standard.Sale);

    private static readonly Receipt Receipt = new(
        "pay.friday.p", "rsv.friday.r", "friday", "tour", "alice", [new("A-1-1", 1_000)], 1_000, 9_000, At, true);

    private static readonly Repeat Key = new("alice", "k", "00ff");

    public static TheoryData<string> Pins => [.. Pinned().Select(pin => pin.Value.GetType().Name)];

    [Theory]
    [MemberData(nameof(Pins))]
    public void It_is_written_as_it_always_was(string name)
    {
        var (value, type, text) = Pinned().Single(pin => pin.Value.GetType().Name == name);
        Assert.Equal(text, JsonSerializer.Serialize(value, type));
    }

    [Theory]
    [MemberData(nameof(Pins))]
    public void What_was_always_written_is_still_read(string name)
    {
        var (_, type, text) = Pinned().Single(pin => pin.Value.GetType().Name == name);
        Assert.Equal(text, JsonSerializer.Serialize(JsonSerializer.Deserialize(text, type), type));
    }

    [Theory]
    [MemberData(nameof(Pins))]
    public void A_member_that_is_not_known_yet_is_skipped(string name)
    {
        var (_, type, text) = Pinned().Single(pin => pin.Value.GetType().Name == name);
        var newer = text[..^1] + ",\"since\":{\"version\":[2]}}";
        Assert.Equal(text, JsonSerializer.Serialize(JsonSerializer.Deserialize(newer, type), type));
    }

    [Fact]
    public void Every_event_there_is_has_its_pin()
    {
        Type[] streams = [typeof(QueueEvent), typeof(SeatEvent), typeof(WalletEvent), typeof(ConcertEvent)];
        var events = streams.SelectMany(stream => stream.Assembly.GetTypes().Where(type => type.IsSubclassOf(stream)));
        var pinned = Pinned().Select(pin => pin.Value.GetType()).ToHashSet();
        Assert.All(events, type => Assert.Contains(type, pinned));
    }

    /// <summary>The first snapshots of a queue had all tokens in their only piece; later ones have them in further pieces.</summary>
    [Fact]
    public void A_snapshot_of_a_queue_in_one_piece_is_still_read()
    {
        var text = Encoding.UTF8.GetBytes(Pinned().Single(pin => pin.Value is QueueSnapshot).Text);
        var queue = JournalFormats.Queue.Restore([text]);
        Assert.Equal((1, 0, 2), (queue.Line.Count, queue.ActiveCount, queue.KnownCount));
        Assert.Equal((2, "alice"), (queue.LiveOf("bob")?.Ticket, queue.Find(1)?.UserId));

        var again = JournalFormats.Queue.Restore([.. JournalFormats.Queue.Capture(queue)]);
        Assert.Equal(Queue().Tokens.ToArray(), again.ToSnapshot().Tokens.ToArray());
    }

    /// <summary>Snapshots gained members for refunds; those without one are written as before.</summary>
    [Fact]
    public void A_refund_is_kept_in_snapshots_as_it_always_was()
    {
        Assert.Equal(
            """{"balance":9000,"debits":[],"refunds":[{"paymentId":"pay.friday.p","at":"2026-05-01T12:00:00.000Z"}]}""",
            JsonSerializer.Serialize(new(9_000, [], [new("pay.friday.p", At)]), JournalJson.Default.WalletSnapshot));
        var refund = new RefundInFlight(At, "alice", "rain", Key, Later);
        var payment = new PaymentInFlight("pay.friday.p", At, null, At, 9_000, true, refund);
        var schedule = Schedule();
        var kept = schedule with
        {
            Reservations = [schedule.Reservations[0] with { Payment = payment, Status = ReservationStatus.Refunded }],
        };
        const string Text = """
            "payment":{"paymentId":"pay.friday.p","startedAt":"2026-05-01T12:00:00.000Z",
            "paidAt":"2026-05-01T12:00:00.000Z","balanceAfter":9000,"settled":true,"refund":{
            "startedAt":"2026-05-01T12:00:00.000Z","by":"alice","why":"rain",
            "repeat":{"caller":"alice","key":"k","fingerprint":"00ff"},"refundedAt":"2026-05-01T12:05:00.000Z"}}
            """;
        var written = JsonSerializer.Serialize(kept, JournalJson.Default.ScheduleSnapshot);
        Assert.Contains("\"status\":\"REFUNDED\",", written, StringComparison.Ordinal);
        Assert.Contains(Text.ReplaceLineEndings(""), written, StringComparison.Ordinal);
        Assert.Equal(payment, JsonSerializer.Deserialize(written, JournalJson.Default.ScheduleSnapshot)!.Reservations[0].Payment);
    }

    [Fact]
    public void A_payment_given_up_for_lack_of_money_says_what_there_was() => Assert.Equal(
        """
        {"what":"PaymentAborted","reservationId":"rsv.friday.r","paymentId":"pay.friday.p","why":"INSUFFICIENT_BALANCE",
        "balance":9,"at":"2026-05-01T12:00:00.000Z"}
        """.ReplaceLineEndings(""),
        JsonSerializer.Serialize(
            new PaymentAborted(At, "rsv.friday.r", "pay.friday.p", AbortReason.InsufficientBalance, 9), JournalJson.Default.SeatEvent));

    /// <summary>Snapshots gained pieces for tokens that were replaced; they have no other tokens.</summary>
    [Fact]
    public void Replaced_tokens_have_a_piece_as_they_always_had()
    {
        var queue = JournalFormats.Queue.Restore([Encoding.UTF8.GetBytes(Pinned().Single(pin => pin.Value is QueueSnapshot).Text)]);
        queue.Apply(new Rotated(At, 2, "bob", 9), 1);
        queue.Apply(new Rotated(Later, 2, "bob", uint.MaxValue), 2);
        var pieces = JournalFormats.Queue.Capture(queue).ToArray();
        Assert.Equal(
            """
            {"waiting":{"tickets":[],"userIds":[],"nonces":[],"issuedAt":[]},
            "others":{"tickets":[],"userIds":[],"nonces":[],"issuedAt":[]},
            "admissions":{"statuses":[],"activatedAt":[],"expiresAt":[],"pinnedUntil":[],"endedAt":[],"reasons":[],"paymentIds":[]},
            "rotations":{"tickets":[2,2],"nonces":[8,9],"at":[1777636800000,1777637100000]}}
            """.ReplaceLineEndings(""),
            Encoding.UTF8.GetString(pieces[^1]));
        var again = JournalFormats.Queue.Restore([.. pieces]);
        Assert.Equal((At, Later, null), (again.RotatedAt(2, 8), again.RotatedAt(2, 9), again.RotatedAt(2, uint.MaxValue)));
    }

    /// <summary>The first snapshots with replaced tokens had all of them in the first piece.</summary>
    [Fact]
    public void A_replaced_token_in_the_first_piece_is_still_read()
    {
        var with = Queue() with { Rotations = [new(1, 7, At)] };
        var written = JsonSerializer.Serialize(with, JournalJson.Default.QueueSnapshot);
        Assert.Contains(
            ""","rotations":[{"ticket":1,"nonce":7,"at":"2026-05-01T12:00:00.000Z"}]""", written, StringComparison.Ordinal);
        Assert.Equal(At, JournalFormats.Queue.Restore([Encoding.UTF8.GetBytes(written)]).RotatedAt(1, 7));
    }

    /// <summary>Snapshots of a queue gained its pace.</summary>
    [Fact]
    public void A_pace_is_kept_in_snapshots_as_it_always_was()
    {
        var with = Queue() with { Pace = new(20.5, 60_000, 4, At, 0.015625, Later) };
        var written = JsonSerializer.Serialize(with, JournalJson.Default.QueueSnapshot);
        Assert.EndsWith(
            """
            ,"pace":{"count":20.5,"milliseconds":60000,"batches":4,"since":"2026-05-01T12:00:00.000Z",
            "shown":0.015625,"shownAt":"2026-05-01T12:05:00.000Z"}}
            """.ReplaceLineEndings(""),
            written,
            StringComparison.Ordinal);
        Assert.Equal(with.Pace, JournalFormats.Queue.Restore([Encoding.UTF8.GetBytes(written)]).ToSnapshot().Pace);
    }

    [Theory]
    [InlineData(TokenStatus.Expired, EndReason.Requeued, "EXPIRED", "REQUEUED")]
    [InlineData(TokenStatus.Cancelled, EndReason.Admin, "CANCELLED", "ADMIN")]
    [InlineData(TokenStatus.Cancelled, EndReason.Left, "CANCELLED", "LEFT")]
    [InlineData(TokenStatus.Expired, EndReason.Ttl, "EXPIRED", "TTL")]
    [InlineData(TokenStatus.Expired, EndReason.Idle, "EXPIRED", "IDLE")]
    public void Each_end_of_a_token_is_stored_as_it_always_was(TokenStatus status, EndReason reason, string one, string other) =>
        Assert.Equal(
            $$"""
            {"what":"Ended","ticket":1,"userId":"u","status":"{{one}}","reason":"{{other}}","at":"2026-05-01T12:00:00.000Z"}
            """,
            JsonSerializer.Serialize(new Ended(At, 1, "u", status, reason), JournalJson.Default.QueueEvent));

    [Theory]
    [InlineData(Reissue.ReturnExisting, "RETURN_EXISTING")]
    [InlineData(Reissue.Requeue, "REQUEUE")]
    [InlineData(Reissue.RotateInPlace, "ROTATE_IN_PLACE")]
    public void Each_mode_of_reissue_is_stored_as_it_always_was(Reissue reissue, string text) => Assert.Contains(
        $"\"reissue\":\"{text}\"",
        JsonSerializer.Serialize(
            new QueueOpened(At, "x", Preset.Standard.Queue with { Reissue = reissue }), JournalJson.Default.QueueEvent),
        StringComparison.Ordinal);

    [Fact]
    public void Absent_members_of_a_policy_are_none()
    {
        var opened = (QueueOpened)JsonSerializer.Deserialize(
            """
            {"what":"QueueOpened","at":"2026-05-01T12:00:00.000Z","preset":"x","policy":{"reissue":"RETURN_EXISTING",
            "admitEvery":"PT1S","admitOnPoll":true,"activeTtl":"PT30M","walletGate":"OPEN","browseGate":"ACTIVE"}}
            """,
            JournalJson.Default.QueueEvent)!;
        Assert.Null(opened.Policy.MaxActive);
        Assert.Null(opened.Policy.WaitingIdleTimeout);
    }

    private static IEnumerable<(object Value, JsonTypeInfo Type, string Text)> Pinned() =>
        [.. QueueEvents(), .. SeatEvents(), .. RefundEvents(), .. OtherEvents(), .. Snapshots()];

    private static IEnumerable<(object Value, JsonTypeInfo Type, string Text)> QueueEvents()
    {
        var json = JournalJson.Default;
        yield return (
            new QueueOpened(At, "standard", Preset.Standard.Queue),
            json.QueueEvent,
            """
            {"what":"QueueOpened","preset":"standard","policy":{"reissue":"RETURN_EXISTING","admitCount":100,
            "admitEvery":"PT1S","maxActive":1000,"admitOnPoll":true,"activeTtl":"PT30M","activeIdleTimeout":"PT5M",
            "waitingIdleTimeout":"PT10M","walletGate":"OPEN","browseGate":"ACTIVE"},"at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new PolicyChanged(At, "custom", Preset.Standard.Queue with { AdmitCount = null, ActiveIdleTimeout = null }),
            json.QueueEvent,
            """
            {"what":"PolicyChanged","preset":"custom","policy":{"reissue":"RETURN_EXISTING","admitEvery":"PT1S",
            "maxActive":1000,"admitOnPoll":true,"activeTtl":"PT30M","waitingIdleTimeout":"PT10M","walletGate":"OPEN",
            "browseGate":"ACTIVE"},"at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new QueuePaused(At),
            json.QueueEvent,
            """{"what":"QueuePaused","at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new QueueDraining(At),
            json.QueueEvent,
            """{"what":"QueueDraining","at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new QueueResumed(At),
            json.QueueEvent,
            """{"what":"QueueResumed","at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new Joined(At, 1, "alice", 4_000_000_000),
            json.QueueEvent,
            """{"what":"Joined","ticket":1,"userId":"alice","nonce":4000000000,"at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new Admitted(At, 1, 1, Later),
            json.QueueEvent,
            """
            {"what":"Admitted","through":1,"count":1,"expiresAt":"2026-05-01T12:05:00.000Z",
            "at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new Pinned(At, 1, Later),
            json.QueueEvent,
            """{"what":"Pinned","ticket":1,"until":"2026-05-01T12:05:00.000Z","at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new Rotated(At, 1, "alice", 4_000_000_001),
            json.QueueEvent,
            """{"what":"Rotated","ticket":1,"userId":"alice","nonce":4000000001,"at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new Ended(At, 1, "alice", TokenStatus.Done, EndReason.Paid, "pay.friday.p", "why"),
            json.QueueEvent,
            """
            {"what":"Ended","ticket":1,"userId":"alice","status":"DONE","reason":"PAID","paymentId":"pay.friday.p",
            "why":"why","at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
    }

    private static IEnumerable<(object Value, JsonTypeInfo Type, string Text)> SeatEvents()
    {
        var json = JournalJson.Default;
        yield return (
            new ScheduleOpened(At, Show),
            json.SeatEvent,
            """
            {"what":"ScheduleOpened","definition":{"scheduleId":"friday","concertId":"tour","queueId":"main",
            "date":"2026-05-02","startsAt":"2026-05-01T12:05:00.000Z","salesOpenAt":"2026-05-01T12:00:00.000Z",
            "salesCloseAt":"2026-05-01T12:05:00.000Z","sections":[{"name":"A","rows":3,"seatsPerRow":10,"price":1000}],
            "policy":{"holdTtl":"PT5M","explicitReserve":false,"maxSeatsPerHold":4,"tokenPerPayment":true}},
            "at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new SeatsHeld(At, "rsv.friday.r", "alice", 1, ["A-1-1", "A-1-2"], 2_000, Later),
            json.SeatEvent,
            """
            {"what":"SeatsHeld","reservationId":"rsv.friday.r","userId":"alice","ticket":1,"seats":["A-1-1","A-1-2"],
            "amount":2000,"expiresAt":"2026-05-01T12:05:00.000Z","at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new HoldConfirmed(At, "rsv.friday.r"),
            json.SeatEvent,
            """{"what":"HoldConfirmed","reservationId":"rsv.friday.r","at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new HoldReleased(At, "rsv.friday.r", ReleaseReason.LeftQueue),
            json.SeatEvent,
            """{"what":"HoldReleased","reservationId":"rsv.friday.r","why":"LEFT_QUEUE","at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new HoldLapsed(At, "rsv.friday.r"),
            json.SeatEvent,
            """{"what":"HoldLapsed","reservationId":"rsv.friday.r","at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new PaymentStarted(At, "rsv.friday.r", "pay.friday.p", Key),
            json.SeatEvent,
            """
            {"what":"PaymentStarted","reservationId":"rsv.friday.r","paymentId":"pay.friday.p","repeat":{"caller":"alice",
            "key":"k","fingerprint":"00ff"},"at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new PaymentAborted(At, "rsv.friday.r", "pay.friday.p", AbortReason.WalletUnavailable),
            json.SeatEvent,
            """
            {"what":"PaymentAborted","reservationId":"rsv.friday.r","paymentId":"pay.friday.p","why":"WALLET_UNAVAILABLE",
            "at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new SeatsSold(At, "rsv.friday.r", "pay.friday.p", 9_000),
            json.SeatEvent,
            """
            {"what":"SeatsSold","reservationId":"rsv.friday.r","paymentId":"pay.friday.p","balanceAfter":9000,
            "at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new PaymentSettled(At, "rsv.friday.r", "pay.friday.p"),
            json.SeatEvent,
            """
            {"what":"PaymentSettled","reservationId":"rsv.friday.r","paymentId":"pay.friday.p",
            "at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
    }

    private static IEnumerable<(object Value, JsonTypeInfo Type, string Text)> RefundEvents()
    {
        var json = JournalJson.Default;
        yield return (
            new RefundStarted(At, "rsv.friday.r", "pay.friday.p", "alice", "rain", Key),
            json.SeatEvent,
            """
            {"what":"RefundStarted","reservationId":"rsv.friday.r","paymentId":"pay.friday.p","by":"alice","why":"rain",
            "repeat":{"caller":"alice","key":"k","fingerprint":"00ff"},"at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new PaymentRefunded(Later, "rsv.friday.r", "pay.friday.p", At),
            json.SeatEvent,
            """
            {"what":"PaymentRefunded","reservationId":"rsv.friday.r","paymentId":"pay.friday.p",
            "refundedAt":"2026-05-01T12:00:00.000Z","at":"2026-05-01T12:05:00.000Z"}
            """.ReplaceLineEndings(""));
    }

    private static IEnumerable<(object Value, JsonTypeInfo Type, string Text)> OtherEvents()
    {
        var json = JournalJson.Default;
        yield return (
            new Charged(At, "ent.e", 1_000, 10_000),
            json.WalletEvent,
            """{"what":"Charged","entryId":"ent.e","amount":1000,"balance":10000,"at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new Debited(At, "ent.e", "pay.friday.p", 1_000, 9_000),
            json.WalletEvent,
            """
            {"what":"Debited","entryId":"ent.e","paymentId":"pay.friday.p","amount":1000,"balance":9000,
            "at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new DebitVoided(At, "pay.friday.p"),
            json.WalletEvent,
            """{"what":"DebitVoided","paymentId":"pay.friday.p","at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new Refunded(At, "ent.e", "pay.friday.p", 1_000, 10_000),
            json.WalletEvent,
            """
            {"what":"Refunded","entryId":"ent.e","paymentId":"pay.friday.p","amount":1000,"balance":10000,
            "at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new Receipted(At, Receipt),
            json.WalletEvent,
            """
            {"what":"Receipted","receipt":{"paymentId":"pay.friday.p","reservationId":"rsv.friday.r",
            "scheduleId":"friday","concertId":"tour","userId":"alice","seats":[{"seatId":"A-1-1","price":1000}],
            "amount":1000,"balanceAfter":9000,"paidAt":"2026-05-01T12:00:00.000Z","tokenDone":true},
            "at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new ConcertMade(At, new("tour", "A tour", "main", "Asia/Seoul", Preset.Standard.Sale)),
            json.ConcertEvent,
            """
            {"what":"ConcertMade","definition":{"concertId":"tour","title":"A tour","queueId":"main",
            "timeZone":"Asia/Seoul","policy":{"holdTtl":"PT5M","explicitReserve":false,"maxSeatsPerHold":4,
            "tokenPerPayment":true}},"at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new ScheduleAnnounced(At, Show, Key),
            json.ConcertEvent,
            """
            {"what":"ScheduleAnnounced","definition":{"scheduleId":"friday","concertId":"tour","queueId":"main",
            "date":"2026-05-02","startsAt":"2026-05-01T12:05:00.000Z","salesOpenAt":"2026-05-01T12:00:00.000Z",
            "salesCloseAt":"2026-05-01T12:05:00.000Z","sections":[{"name":"A","rows":3,"seatsPerRow":10,"price":1000}],
            "policy":{"holdTtl":"PT5M","explicitReserve":false,"maxSeatsPerHold":4,"tokenPerPayment":true}},
            "repeat":{"caller":"alice","key":"k","fingerprint":"00ff"},"at":"2026-05-01T12:00:00.000Z"}
            """.ReplaceLineEndings(""));
        yield return (
            new ScheduleListed(At, "friday"),
            json.ConcertEvent,
            """{"what":"ScheduleListed","scheduleId":"friday","at":"2026-05-01T12:00:00.000Z"}""");
        yield return (
            new ScheduleWithdrawn(At, "friday"),
            json.ConcertEvent,
            """{"what":"ScheduleWithdrawn","scheduleId":"friday","at":"2026-05-01T12:00:00.000Z"}""");
    }

    private static IEnumerable<(object Value, JsonTypeInfo Type, string Text)> Snapshots()
    {
        var json = JournalJson.Default;
        yield return (
            Queue(),
            json.QueueSnapshot,
            """
            {"policy":{"reissue":"RETURN_EXISTING","admitCount":100,"admitEvery":"PT1S","maxActive":1000,
            "admitOnPoll":true,"activeTtl":"PT30M","activeIdleTimeout":"PT5M","waitingIdleTimeout":"PT10M",
            "walletGate":"OPEN","browseGate":"ACTIVE"},"preset":"standard","mode":"DRAINING",
            "window":{"from":"2026-05-01T12:00:00.000Z","start":"2026-05-01T12:00:00.000Z","used":3},"lastTicket":2,
            "totals":{"admitted":1,"done":0,"expired":1,"cancelled":0},"tokens":[{"ticket":1,"userId":"alice","nonce":7,
            "issuedAt":"2026-05-01T12:00:00.000Z","status":"EXPIRED","activatedAt":"2026-05-01T12:00:00.000Z",
            "expiresAt":"2026-05-01T12:05:00.000Z","pinnedUntil":"2026-05-01T12:05:00.000Z",
            "endedAt":"2026-05-01T12:05:00.000Z","reason":"IDLE","paymentId":"pay.friday.p"},{"ticket":2,"userId":"bob",
            "nonce":8,"issuedAt":"2026-05-01T12:00:00.000Z","status":"WAITING"}],"endedInOrder":[1]}
            """.ReplaceLineEndings(""));
        yield return (
            Tokens(),
            json.TokensSnapshot,
            """
            {"waiting":{"tickets":[2,4],"userIds":["bob","dan"],"nonces":[8,4294967295],
            "issuedAt":[1777636800000,1777637100000]},
            "others":{"tickets":[1,3],"userIds":["alice","carol"],"nonces":[7,9],"issuedAt":[1777636800000,1777636800000]},
            "admissions":{"statuses":["DONE","ACTIVE"],"activatedAt":[1777636800000,1777636800000],
            "expiresAt":[1777637100000,1777637100000],"pinnedUntil":[0,1777637100000],"endedAt":[1777637100000,0],
            "reasons":["PAID","PAID"],"paymentIds":["pay.friday.p",null]}}
            """.ReplaceLineEndings(""));
        yield return (
            Schedule(),
            json.ScheduleSnapshot,
            """
            {"definition":{"scheduleId":"friday","concertId":"tour","queueId":"main","date":"2026-05-02",
            "startsAt":"2026-05-01T12:05:00.000Z","salesOpenAt":"2026-05-01T12:00:00.000Z",
            "salesCloseAt":"2026-05-01T12:05:00.000Z","sections":[{"name":"A","rows":3,"seatsPerRow":10,"price":1000}],
            "policy":{"holdTtl":"PT5M","explicitReserve":false,"maxSeatsPerHold":4,"tokenPerPayment":true}},
            "changedAt":"2026-05-01T12:00:00.000Z","reservations":[{"id":"rsv.friday.r","userId":"alice","ticket":1,
            "seats":[0,1],"amount":2000,"heldAt":"2026-05-01T12:00:00.000Z","expiresAt":"2026-05-01T12:05:00.000Z",
            "status":"PAID","confirmed":true,"payment":{"paymentId":"pay.friday.p","startedAt":"2026-05-01T12:00:00.000Z",
            "repeat":{"caller":"alice","key":"k","fingerprint":"00ff"},"paidAt":"2026-05-01T12:00:00.000Z",
            "balanceAfter":9000,"settled":true}}],"endedInOrder":[]}
            """.ReplaceLineEndings(""));
        yield return (
            new WalletSnapshot(9_000, [new("pay.friday.p", DebitStatus.Settled, 1_000, 9_000, At)]),
            json.WalletSnapshot,
            """
            {"balance":9000,"debits":[{"paymentId":"pay.friday.p","status":"SETTLED","amount":1000,"balanceAfter":9000,
            "at":"2026-05-01T12:00:00.000Z"}]}
            """.ReplaceLineEndings(""));
        yield return (
            new ConcertSnapshot(new("tour", "A tour", "main", "Asia/Seoul", Preset.Standard.Sale), [Show], [new(Show, Key)]),
            json.ConcertSnapshot,
            """
            {"definition":{"concertId":"tour","title":"A tour","queueId":"main","timeZone":"Asia/Seoul",
            "policy":{"holdTtl":"PT5M","explicitReserve":false,"maxSeatsPerHold":4,"tokenPerPayment":true}},
            "schedules":[{"scheduleId":"friday","concertId":"tour","queueId":"main","date":"2026-05-02",
            "startsAt":"2026-05-01T12:05:00.000Z","salesOpenAt":"2026-05-01T12:00:00.000Z",
            "salesCloseAt":"2026-05-01T12:05:00.000Z","sections":[{"name":"A","rows":3,"seatsPerRow":10,"price":1000}],
            "policy":{"holdTtl":"PT5M","explicitReserve":false,"maxSeatsPerHold":4,"tokenPerPayment":true}}],
            "announced":[{"definition":{"scheduleId":"friday","concertId":"tour","queueId":"main","date":"2026-05-02",
            "startsAt":"2026-05-01T12:05:00.000Z","salesOpenAt":"2026-05-01T12:00:00.000Z",
            "salesCloseAt":"2026-05-01T12:05:00.000Z","sections":[{"name":"A","rows":3,"seatsPerRow":10,"price":1000}],
            "policy":{"holdTtl":"PT5M","explicitReserve":false,"maxSeatsPerHold":4,"tokenPerPayment":true}},
            "repeat":{"caller":"alice","key":"k","fingerprint":"00ff"}}]}
            """.ReplaceLineEndings(""));
    }

    private static QueueSnapshot Queue() => new(
        Preset.Standard.Queue, "standard", QueueMode.Draining, new(At, At, 3), 2, new(1, 0, 1, 0),
        [
            new(1, "alice", 7, At, TokenStatus.Expired, At, Later, Later, Later, EndReason.Idle, "pay.friday.p"),
            new(2, "bob", 8, At, TokenStatus.Waiting, null, null, null, null, null, null),
        ],
        [1]);

    private static TokensSnapshot Tokens() => new(
        new([2, 4], ["bob", "dan"], [8, uint.MaxValue], [At.Milliseconds, Later.Milliseconds]),
        new([1, 3], ["alice", "carol"], [7, 9], [At.Milliseconds, At.Milliseconds]),
        new(
            [TokenStatus.Done, TokenStatus.Active],
            [At.Milliseconds, At.Milliseconds],
            [Later.Milliseconds, Later.Milliseconds],
            [0, Later.Milliseconds],
            [Later.Milliseconds, 0],
            [EndReason.Paid, EndReason.Paid],
            ["pay.friday.p", null]));

    private static ScheduleSnapshot Schedule() => new(
        Show, At, [new("rsv.friday.r", "alice", 1, [0, 1], 2_000, At, Later, ReservationStatus.Paid, true,
            new("pay.friday.p", At, Key, At, 9_000, true), null)], []);
}
