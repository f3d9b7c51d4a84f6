namespace OrleansConcert.Grains.Tests;

public sealed class RefundTests
{
    private const string Friday = WireNames.ScheduleStreams + "friday";
    private const string Alice = WireNames.WalletStreams + "alice";
    private static readonly TimeSpan FiveSeconds = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_refund_gives_money_and_seats_back_once()
    {
        await using var world = await OnSale();
        var paid = await Paid(world, "A-1-1", "A-1-2");
        world.Time.Pass(Given.Seconds(7));
        var refunded = (await Refund(world, paid)).Value!;
        Assert.Equal(world.Now, refunded.RefundedAt);
        Assert.Equal(paid, refunded with { RefundedAt = null, Seats = paid.Seats });
        Assert.Equal(10_000, (await world.Wallet("alice").Get()).Balance);
        Assert.Equal("Refund 2000 10000, Payment -2000 8000, Charge 10000 10000", await Entries(world));
        var map = (await world.Schedule().Map(0))!;
        Assert.All(map.Statuses, status => Assert.Equal((byte)SeatStatus.Available, status));
        var view = (await world.Schedule().Get()).Value!;
        Assert.Equal((30, false), (view.SeatsAvailable, view.SoldOut));
        var reservation = (await world.Schedule().Find(paid.ReservationId, "alice")).Value!;
        Assert.Equal((ReservationStatus.Refunded, paid.PaymentId), (reservation.Status, reservation.PaymentId));

        world.Time.Pass(Given.Seconds(7));
        var again = (await Refund(world, paid, why: "another reason")).Value!;
        Assert.Equal(AnswerJson.Write(refunded), AnswerJson.Write(again));
        Assert.Equal(10_000, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task The_seat_of_a_refund_is_sold_again_and_refunded_again()
    {
        await using var world = await OnSale();
        var first = await Paid(world, "A-1-1");
        Assert.NotNull((await Refund(world, first)).Value);
        var second = await Paid(world, "A-1-1");
        Assert.Equal(ReservationStatus.Paid, (await world.Schedule().Find(second.ReservationId, "alice")).Value!.Status);
        Assert.Equal((byte)SeatStatus.Sold, (await world.Schedule().Map(-1))!.Statuses[0]);
        Assert.NotNull((await Refund(world, second)).Value);
        Assert.Equal(20_000, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task The_list_of_payments_shows_which_were_refunded()
    {
        await using var world = await OnSale();
        var (first, second) = (await Paid(world, "A-1-1"), await Paid(world, "A-1-2"));
        var refunded = (await Refund(world, first)).Value!;
        var list = (await world.Wallet("alice").Payments(0, 10)).Items;
        Assert.Equal([AnswerJson.Write(second), AnswerJson.Write(refunded)], list.Select(AnswerJson.Write));
        await using var next = await world.Restart();
        list = (await next.Wallet("alice").Payments(0, 10)).Items;
        Assert.Equal([AnswerJson.Write(second), AnswerJson.Write(refunded)], list.Select(AnswerJson.Write));
    }

    [Fact]
    public async Task A_payment_that_was_not_made_is_not_refunded()
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 10_000), "A-1-1");
        Assert.Equal(SeatRefusal.PaymentNotFound, (await Refund(world, "pay.friday.none")).Reason());
        world.Journal.HoldBack(Alice);
        var paying = world.Pay(held);
        await World.Until(() => world.Journal.Caught > 0);
        var inFlight = (await world.Schedule().Find(held.ReservationId, "alice")).Value!.PaymentId!;
        Assert.Equal(SeatRefusal.PaymentNotFound, (await Refund(world, inFlight)).Reason());
        world.Journal.Release();
        Assert.NotNull((await paying).Value);
        Assert.NotNull((await Refund(world, inFlight)).Value);
    }

    [Fact]
    public async Task A_refunded_reservation_is_past_everything()
    {
        await using var world = await OnSale();
        var paid = await Paid(world, "A-1-1");
        Assert.NotNull((await Refund(world, paid)).Value);
        var schedule = world.Schedule();
        Assert.Equal(SeatRefusal.ReservationCancelled, (await schedule.Confirm(paid.ReservationId, "alice", null)).Reason());
        Assert.Equal(SeatRefusal.ReservationCancelled, (await schedule.Release(paid.ReservationId, "alice")).Reason());
        Assert.Equal(
            SeatRefusal.ReservationCancelled, (await schedule.Pay(new("alice", paid.ReservationId, []), null)).Reason());
        world.Time.Pass(TimeSpan.FromDays(3));
        await world.Hold(await world.Buyer("bob"), "A-1-1");
        Assert.Equal(ReservationStatus.Refunded, (await schedule.Find(paid.ReservationId, "alice")).Value!.Status);
    }

    [Fact]
    public async Task Many_refunds_at_once_are_one()
    {
        await using var world = await OnSale();
        var paid = await Paid(world, "A-1-1");
        world.Time.Pass(Given.Seconds(1));
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => Refund(world, paid, why: $"{number}")));
        Assert.Single(answers.Select(answer => Encoding.UTF8.GetString(AnswerJson.Write(answer.Value!))).Distinct());
        Assert.Equal(10_000, (await world.Wallet("alice").Get()).Balance);
        Assert.Single(await world.Whats(Friday), "RefundStarted");
    }

    [Fact]
    public async Task Each_key_is_given_the_same_bytes()
    {
        await using var world = await OnSale();
        var paid = await Paid(world, "A-1-1");
        var (first, other) = (Given.Repeat("admin", "k1"), Given.Repeat("admin", "k2"));
        var answers = await Task.WhenAll(Refund(world, paid, first), Refund(world, paid, other), Refund(world, paid, first));
        var refunded = AnswerJson.Write(answers[1].Value!);
        Assert.Single(answers, answer => answer.Replayed is not null);
        Assert.All(answers, answer => Assert.Equal(refunded, answer.Replayed?.Body ?? [.. AnswerJson.Write(answer.Value!)]));
        Assert.Equal(refunded, (await world.Answers.Find("admin", "k1"))!.Body);
        Assert.Equal(refunded, (await world.Answers.Find("admin", "k2"))!.Body);
        Assert.Equal(200, (await world.Answers.Find("admin", "k1"))!.Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_refund_is_driven_to_its_end_after_a_crash_at_any_step(int written)
    {
        await using var world = await OnSale();
        var paid = await Paid(world, "A-1-1");
        var key = Given.Repeat("admin", "k");
        world.Journal.DieAfter(written, WireNames.ScheduleStreams, WireNames.WalletStreams);
        try
        {
            await Refund(world, paid, key);
        }
        catch (UnavailableException)
        {
            // The process died under the refund.
        }

        await using var next = await world.Restart();
        if (written == 0)
        {
            Assert.Equal(9_000, (await next.Wallet("alice").Get()).Balance);
            Assert.Equal((byte)SeatStatus.Sold, (await next.Schedule().Map(-1))!.Statuses[0]);
            return;
        }

        await next.Within(FiveSeconds, async () => (await next.Whats(Friday)).Contains("PaymentRefunded"));
        Assert.Equal("Refund 1000 10000, Payment -1000 9000, Charge 10000 10000", await Entries(next));
        Assert.Equal((byte)SeatStatus.Available, (await next.Schedule().Map(-1))!.Statuses[0]);
        Assert.Single(await next.Whats(Friday), "PaymentRefunded");
        var listed = Assert.Single((await next.Wallet("alice").Payments(0, 10)).Items);
        Assert.Equal(AnswerJson.Write(listed), (await next.Answers.Find("admin", "k"))!.Body);
        Assert.Equal(AnswerJson.Write(listed), AnswerJson.Write((await Refund(next, paid)).Value!));
    }

    [Theory]
    [InlineData("FailBefore")]
    [InlineData("FailAfter")]
    public async Task A_wallet_that_fails_delays_a_refund_and_the_seat_stays_sold_until_then(string fate)
    {
        await using var world = await OnSale();
        var paid = await Paid(world, "A-1-1");
        world.Journal.Next(Alice, Enum.Parse<Fate>(fate));
        await Assert.ThrowsAsync<UnavailableException>(() => Refund(world, paid));
        Assert.Equal((byte)SeatStatus.Sold, (await world.Schedule().Map(-1))!.Statuses[0]);
        await world.Within(FiveSeconds, async () => (await world.Whats(Friday)).Contains("PaymentRefunded"));
        Assert.Equal("Refund 1000 10000, Payment -1000 9000, Charge 10000 10000", await Entries(world));
    }

    [Theory]
    [InlineData(1, "FailBefore")]
    [InlineData(1, "FailAfter")]
    [InlineData(2, "FailBefore")]
    [InlineData(2, "FailAfter")]
    public async Task A_schedule_that_cannot_write_a_step_takes_it_again(int step, string fate)
    {
        await using var world = await OnSale();
        var paid = await Paid(world, "A-1-1");
        var steps = 0;
        world.Journal.Script = append => append.Stream == Friday && ++steps == step ? Enum.Parse<Fate>(fate) : Fate.Written;
        await Assert.ThrowsAsync<UnavailableException>(() => Refund(world, paid));
        await world.Within(FiveSeconds, async () => (await Refund(world, paid)).Value is not null);
        Assert.Equal("Refund 1000 10000, Payment -1000 9000, Charge 10000 10000", await Entries(world));
        Assert.Single(await world.Whats(Friday), "PaymentRefunded");
    }

    [Fact]
    public async Task A_refund_overtakes_a_receipt_that_is_late_and_loses_neither()
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 10_000), "A-1-1");
        world.Journal.Script = append => Text(append).Contains("Receipted", StringComparison.Ordinal) ? Fate.FailBefore : Fate.Written;
        var paid = (await world.Pay(held)).Value!;
        Assert.NotNull((await Refund(world, paid)).Value);
        Assert.Empty((await world.Wallet("alice").Payments(0, 10)).Items);
        world.Journal.Script = null;
        await world.Within(FiveSeconds, async () => (await world.Whats(Friday)).Contains("PaymentSettled"));
        Assert.NotNull(Assert.Single((await world.Wallet("alice").Payments(0, 10)).Items).RefundedAt);
        Assert.Equal(10_000, (await world.Wallet("alice").Get()).Balance);
    }

    /// <summary>Found by seed 1198 of 400 operations.</summary>
    [Fact]
    public async Task A_key_that_paid_for_seats_pays_for_no_later_hold_of_them()
    {
        await using var world = await OnSale();
        var key = Given.Repeat("alice", "k");
        await world.Hold(await world.Buyer("alice", 10_000), "A-1-1");
        var paid = (await world.Schedule().Pay(new("alice", null, ["A-1-1"]), key)).Value!;
        Assert.NotNull((await Refund(world, paid)).Value);
        var held = await world.Hold(await world.Buyer("alice"), "A-1-1");
        var again = (await world.Schedule().Pay(new("alice", null, ["A-1-1"]), key)).Replayed!;
        Assert.Equal(AnswerJson.Write(paid), again.Body);
        Assert.Equal(ReservationStatus.Held, await world.StatusOf(held));
        Assert.Equal(10_000, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task A_key_that_was_used_for_something_else_refunds_nothing()
    {
        await using var world = await OnSale();
        var paid = await Paid(world, "A-1-1");
        await world.Wallet("admin").Charge(1, Given.Repeat("admin", "k"));
        Assert.NotNull((await Refund(world, paid, Given.Repeat("admin", "k"))).Replayed);
        Assert.DoesNotContain("RefundStarted", await world.Whats(Friday));
    }

    private static async Task<World> OnSale()
    {
        var world = await (await World.Start()).WithQueue();
        return await world.WithSchedule();
    }

    /// <summary>Alice charges 10,000, takes the seats and pays.</summary>
    private static async Task<PaymentView> Paid(World world, params string[] seats) =>
        (await world.Pay(await world.Hold(await world.Buyer("alice", 10_000), seats))).Value!;

    private static Task<Answer<PaymentView>> Refund(World world, PaymentView paid, Repeat? repeat = null, string why = "rain") =>
        Refund(world, paid.PaymentId, repeat, why);

    private static Task<Answer<PaymentView>> Refund(World world, string paymentId, Repeat? repeat = null, string why = "rain") =>
        world.Schedule().Refund(new(paymentId, "admin", why), repeat);

    private static async Task<string> Entries(World world) => string.Join(
        ", ",
        (await world.Wallet("alice").Entries(0, 10)).Items.Select(entry => $"{entry.Kind} {entry.Amount} {entry.BalanceAfter}"));

    private static string Text(Append append) =>
        string.Concat(append.Events.Select(text => Encoding.UTF8.GetString(text.Span)));
}
