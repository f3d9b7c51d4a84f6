namespace OrleansConcert.Grains.Tests;

public sealed class PaymentTests
{
    private const string Friday = WireNames.ScheduleStreams + "friday";
    private const string Alice = WireNames.WalletStreams + "alice";
    private static readonly TimeSpan FiveSeconds = TimeSpan.FromSeconds(5);
    private static readonly string[] SagaStreams =
        [WireNames.ScheduleStreams, WireNames.WalletStreams, WireNames.QueueStreams];

    [Fact]
    public async Task A_payment_sells_the_seats_debits_once_and_ends_the_token()
    {
        await using var world = await OnSale();
        var alice = await world.Buyer("alice", 10_000);
        var held = await world.Hold(alice, "A-1-1", "A-1-2");
        var paid = (await world.Pay(held)).Value!;
        Assert.Equal((2_000, 8_000, TokenStatus.Done), (paid.Amount, paid.BalanceAfter, paid.TokenStatus));
        Assert.Equal(ReservationStatus.Paid, await world.StatusOf(held));
        var sight = (await world.Main.Look(alice.Ticket, alice.Nonce))!;
        Assert.Equal((TokenStatus.Done, EndReason.Paid, paid.PaymentId), (sight.Token.Status, sight.Token.Reason, sight.PaymentId));
        Assert.Equal((byte)SeatStatus.Sold, (await world.Schedule().Map(-1))!.Statuses[0]);
        var entries = (await world.Wallet("alice").Entries(0, 10)).Items;
        Assert.Equal("Payment -2000 8000, Charge 10000 10000", string.Join(
            ", ", entries.Select(entry => $"{entry.Kind} {entry.Amount} {entry.BalanceAfter}")));
        var receipt = Assert.Single((await world.Wallet("alice").Payments(0, 10)).Items);
        Assert.Equal(AnswerJson.Write(paid), AnswerJson.Write(receipt));
        Assert.Equal(held.ReservationId, Assert.Single((await world.Wallet("alice").ReservationIds(0, 10)).Items).Id);
    }

    [Fact]
    public async Task Too_little_money_leaves_the_hold_as_it_was()
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 999), "A-1-1");
        world.Time.Pass(Given.Seconds(100));
        var refused = Assert.IsType<WalletRefused>((await world.Pay(held)).Refused);
        Assert.Equal((WalletRefusal.InsufficientBalance, 999L, 1_000L), (refused.Reason, refused.With.Balance, refused.With.Amount));
        var back = (await world.Schedule().Find(held.ReservationId, "alice")).Value!;
        Assert.Equal((ReservationStatus.Held, held.ExpiresAt, null), (back.Status, back.ExpiresAt, back.PaymentId));
        await world.Wallet("alice").Charge(1, null);
        Assert.NotNull((await world.Pay(held)).Value);
    }

    [Fact]
    public async Task The_debit_of_a_payment_that_was_refused_for_too_little_takes_nothing_however_late_it_comes_again()
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 999), "A-1-1");
        Assert.IsType<WalletRefused>((await world.Pay(held)).Refused);
        var started = (await world.Texts(Friday)).Single(text => text.Contains("PaymentStarted", StringComparison.Ordinal));
        var paymentId = JsonDocument.Parse(started).RootElement.GetProperty("paymentId").GetString()!;
        var startedAt = world.Now;
        await world.Wallet("alice").Charge(10_000, null);
        for (var hour = 0; hour < 3; hour++)
        {
            var late = await world.Wallet("alice").Debit(paymentId, 1_000, startedAt);
            Assert.Equal(WalletRefusal.PaymentVoided, Assert.IsType<WalletRefused>(late.Refused).Reason);
            world.Time.Pass(WalletState.SettledKnownFor);
            await world.Wallet("alice").Charge(1, null);
        }

        Assert.Equal(11_002, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task A_void_that_comes_when_its_payment_may_be_forgotten_says_so_and_keeps_no_refund_back()
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 1_000), "A-1-1");
        var (startedAt, paid) = (world.Now, (await world.Pay(held)).Value!);
        await World.Until(async () => (await world.Whats(Friday)).Contains("PaymentSettled"));
        world.Time.Pass(WalletState.SettledKnownFor);
        await world.Wallet("alice").Charge(1, null);
        Assert.True(await world.Wallet("alice").Void(paid.PaymentId, startedAt));
        await world.Wallet("alice").Refund(paid.PaymentId, 1_000);
        Assert.Equal(1_001, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task A_debit_that_could_not_be_written_gives_the_hold_back()
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 1_000), "A-1-1");
        world.Journal.Next(Alice, Fate.FailBefore);
        await Assert.ThrowsAsync<UnavailableException>(() => world.Pay(held));
        Assert.Equal(ReservationStatus.Held, await world.StatusOf(held));
        Assert.Equal(1_000, (await world.Wallet("alice").Get()).Balance);
        Assert.NotNull((await world.Pay(held)).Value);
        Assert.Equal(0, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task A_debit_that_was_written_though_nobody_was_told_sells_the_seat()
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 1_000), "A-1-1");
        world.Journal.Next(Alice, Fate.FailAfter);
        Assert.Equal(0, (await world.Pay(held)).Value!.BalanceAfter);
        Assert.Equal(ReservationStatus.Paid, await world.StatusOf(held));
        Assert.Single((await world.Wallet("alice").Entries(0, 10)).Items, entry => entry.Kind == EntryKind.Payment);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_wallet_that_fails_for_a_while_delays_a_payment_and_loses_nothing(int failures)
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 1_000), "A-1-1");
        var left = failures;
        world.Journal.Script = append => append.Stream == Alice && left-- > 0 ? Fate.FailBefore : Fate.Written;
        await Assert.ThrowsAsync<UnavailableException>(() => world.Pay(held));
        await world.Within(FiveSeconds, async () => await world.StatusOf(held) is ReservationStatus.Paid or ReservationStatus.Held);
        var sold = await world.StatusOf(held) == ReservationStatus.Paid;
        Assert.Equal(sold ? 0 : 1_000, (await world.Wallet("alice").Get()).Balance);
    }

    [Theory]
    [InlineData("FailBefore")]
    [InlineData("FailAfter")]
    public async Task A_receipt_that_could_not_be_written_is_written_later(string fate)
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 1_000), "A-1-1");
        var wallets = 0;
        world.Journal.Script = append =>
            append.Stream == Alice && ++wallets == 2 ? Enum.Parse<Fate>(fate) : Fate.Written;
        Assert.NotNull((await world.Pay(held)).Value);
        await world.Within(FiveSeconds, async () => (await world.Whats(Friday)).Contains("PaymentSettled"));
        Assert.Single((await world.Wallet("alice").Payments(0, 10)).Items);
        Assert.Single(await world.Whats(Friday), "SeatsSold");
    }

    [Theory]
    [InlineData("FailBefore")]
    [InlineData("FailAfter")]
    public async Task A_sale_that_could_not_be_written_is_found_after_the_grain_is_loaded_again(string fate)
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 1_000), "A-1-1");
        var steps = 0;
        world.Journal.Script = append =>
            append.Stream == Friday && ++steps == 2 ? Enum.Parse<Fate>(fate) : Fate.Written;
        await Assert.ThrowsAsync<UnavailableException>(() => world.Pay(held));
        await world.Within(FiveSeconds, async () => (await world.Whats(Friday)).Contains("PaymentSettled")
            | await world.StatusOf(held) == ReservationStatus.Held);
        Assert.Equal(ReservationStatus.Paid, await world.StatusOf(held));
        Assert.Single(await world.Whats(Friday), "SeatsSold");
        Assert.Equal(0, (await world.Wallet("alice").Get()).Balance);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task A_payment_is_driven_to_its_end_after_a_crash_at_any_step(int written)
    {
        await using var world = await OnSale();
        var alice = await world.Buyer("alice", 1_000);
        var held = await world.Hold(alice, "A-1-1");
        var repeat = Given.Repeat("alice", "k");
        world.Journal.DieAfter(written, SagaStreams);
        try
        {
            await world.Pay(held, repeat);
        }
        catch (UnavailableException)
        {
            // The process died under the payment.
        }

        await using var next = await world.Restart();
        if (written == 0)
        {
            Assert.Equal(ReservationStatus.Held, await next.StatusOf(held));
            Assert.Equal(1_000, (await next.Wallet("alice").Get()).Balance);
            return;
        }

        await next.Within(FiveSeconds, async () => (await next.Whats(Friday)).Contains("PaymentSettled"));
        Assert.Equal(ReservationStatus.Paid, await next.StatusOf(held));
        Assert.Equal(0, (await next.Wallet("alice").Get()).Balance);
        Assert.Equal(TokenStatus.Done, (await next.Look(alice)).Status);
        Assert.Single(await next.Whats(Friday), "SeatsSold");
        var receipt = Assert.Single((await next.Wallet("alice").Payments(0, 10)).Items);
        Assert.Equal(AnswerJson.Write(receipt), (await next.Answers.Find("alice", "k"))!.Body.AsSpan().ToArray());
    }

    [Fact]
    public async Task A_deactivated_schedule_drives_its_payment_on_when_it_is_woken()
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 1_000), "A-1-1");
        var left = 2;
        world.Journal.Script = append => append.Stream == Alice && left-- > 0 ? Fate.FailBefore : Fate.Written;
        await Assert.ThrowsAsync<UnavailableException>(() => world.Pay(held));
        await world.Cluster.DeactivateAsync(world.Schedule());
        await world.Schedule().Wake();
        await world.Within(FiveSeconds, async () => await world.StatusOf(held) == ReservationStatus.Paid);
    }

    [Fact]
    public async Task A_hold_is_paid_until_its_deadline_and_not_at_it()
    {
        await using var world = await OnSale();
        var alice = await world.Buyer("alice", 10_000);
        var early = await world.Hold(alice, "A-1-1");
        world.Time.Pass(early.ExpiresAt - world.Now);
        Assert.Equal(SeatRefusal.HoldExpired, (await world.Pay(early)).Reason());
        var late = await world.Hold(alice, "A-1-1");
        world.Time.Pass(late.ExpiresAt - world.Now - TimeSpan.FromMilliseconds(1));
        Assert.NotNull((await world.Pay(late)).Value);
    }

    [Fact]
    public async Task A_payment_in_flight_does_not_lapse()
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 1_000), "A-1-1");
        world.Journal.HoldBack(Alice);
        var paying = world.Pay(held);
        await World.Until(() => world.Journal.Caught > 0);
        world.Time.Advance(Given.Minutes(6));
        Assert.Equal(ReservationStatus.Paying, await world.StatusOf(held));
        Assert.Equal(SeatRefusal.PaymentInProgress, (await world.Schedule().Release(held.ReservationId, "alice")).Reason());
        world.Journal.Release();
        Assert.NotNull((await paying).Value);
    }

    [Fact]
    public async Task Two_payments_at_once_are_one()
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 10_000), "A-1-1");
        var answers = await Task.WhenAll(world.Pay(held), world.Pay(held), world.Pay(held));
        Assert.Single(answers, answer => answer.Value is not null);
        Assert.All(answers.Where(answer => answer.Value is null), answer =>
            Assert.True(answer.Reason() is SeatRefusal.PaymentInProgress or SeatRefusal.AlreadyPaid));
        Assert.Equal(9_000, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task Seats_may_be_paid_by_their_names()
    {
        await using var world = await OnSale();
        var alice = await world.Buyer("alice", 10_000);
        Assert.Equal(SeatRefusal.ReservationNotFound, (await PaySeats(world, "A-1-1")).Reason());
        var first = await world.Hold(alice, "A-1-1", "A-1-2");
        Assert.Equal(SeatRefusal.ReservationNotFound, (await PaySeats(world, "A-1-1")).Reason());
        world.Time.Pass(first.ExpiresAt - world.Now);
        Assert.Equal(SeatRefusal.HoldExpired, (await PaySeats(world, "A-1-2", "A-1-1")).Reason());
        var second = await world.Hold(alice, "A-1-1", "A-1-2");
        Assert.Equal(second.ReservationId, (await PaySeats(world, "A-1-2", "A-1-1")).Value!.ReservationId);
    }

    [Fact]
    public async Task A_late_debit_of_a_payment_given_up_takes_nothing()
    {
        await using var world = await World.Start();
        await world.Wallet("alice").Charge(1_000, null);
        Assert.True(await world.Wallet("alice").Void("pay.friday.x", world.Now));
        var late = await world.Wallet("alice").Debit("pay.friday.x", 500, world.Now);
        Assert.Equal(WalletRefusal.PaymentVoided, Assert.IsType<WalletRefused>(late.Refused).Reason);
        Assert.Equal(1_000, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task A_debit_made_is_not_given_up_and_not_made_twice()
    {
        await using var world = await World.Start();
        await world.Wallet("alice").Charge(1_000, null);
        Assert.Equal(500, (await world.Wallet("alice").Debit("pay.friday.x", 500, world.Now)).Value!.BalanceAfter);
        Assert.False(await world.Wallet("alice").Void("pay.friday.x", world.Now));
        Assert.Equal(500, (await world.Wallet("alice").Debit("pay.friday.x", 500, world.Now)).Value!.BalanceAfter);
        Assert.Equal(500, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task A_payment_gives_the_other_holds_of_its_token_back()
    {
        await using var world = await OnSale();
        await world.WithSchedule("saturday");
        var (alice, bob) = (await world.Buyer("alice", 10_000), await world.Buyer("bob"));
        var paying = await world.Hold(alice, "A-1-1");
        var other = await world.Hold(alice, "A-1-2");
        await world.Schedule("saturday").Hold(Given.Seats(alice, "A-1-1"), null);
        Assert.NotNull((await world.Pay(paying)).Value);
        Assert.Equal(ReservationStatus.Cancelled, await world.StatusOf(other));
        Assert.NotNull((await world.TryHold(bob, "A-1-2")).Value);
        Assert.NotNull((await world.Schedule("saturday").Hold(Given.Seats(bob, "A-1-1"), null)).Value);
    }

    [Fact]
    public async Task A_payment_in_a_schedule_that_is_about_to_end_is_answered()
    {
        await using var world = await OnSale();
        var alice = await world.Buyer("alice", 10_000);
        var held = await world.Hold(alice, "A-1-1");
        await world.Hold(alice, "A-1-2");
        world.Journal.HoldBack(WireNames.QueueStreams + WireNames.MainQueue);
        var paying = world.Pay(held);
        await World.Until(() => world.Journal.Caught > 0);
        var ending = world.Cluster.DeactivateAsync(world.Schedule());
        world.Journal.Release();
        await World.Until(() => paying.IsCompleted);
        Assert.NotNull((await paying).Value);
        await ending;
    }

    [Fact]
    public async Task Where_a_token_may_pay_more_than_once_it_stays_and_so_do_its_holds()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule(policy: policy => policy with { TokenPerPayment = false });
        var alice = await world.Buyer("alice", 10_000);
        var paying = await world.Hold(alice, "A-1-1");
        var other = await world.Hold(alice, "A-1-2");
        Assert.Equal(TokenStatus.Active, (await world.Pay(paying)).Value!.TokenStatus);
        Assert.Equal(TokenStatus.Active, (await world.Look(alice)).Status);
        Assert.NotNull((await world.Pay(other)).Value);
    }

    [Fact]
    public async Task An_unconfirmed_hold_is_not_paid_where_confirming_is_asked_for()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule(policy: policy => policy with { ExplicitReserve = true });
        var held = await world.Hold(await world.Buyer("alice", 10_000), "A-1-1");
        Assert.Equal(SeatRefusal.NotConfirmed, (await world.Pay(held)).Reason());
        await world.Schedule().Confirm(held.ReservationId, "alice", null);
        Assert.NotNull((await world.Pay(held)).Value);
        Assert.Equal(SeatRefusal.AlreadyReserved, (await world.Schedule().Confirm(held.ReservationId, "alice", null)).Reason());
        Assert.Equal(SeatRefusal.AlreadyPaid, (await world.Schedule().Release(held.ReservationId, "alice")).Reason());
    }

    [Fact]
    public async Task A_payment_in_flight_keeps_its_token_though_the_other_holds_lapse()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveTtl = Given.Seconds(60) });
        await world.WithSchedule();
        var alice = await world.Buyer("alice", 10);
        await world.Hold(alice, "A-1-2");
        world.Time.Advance(Given.Seconds(30));
        var held = await world.Hold(alice, "A-1-1");
        world.Journal.Script = append =>
            TextOf(append).Contains("PaymentStarted", StringComparison.Ordinal) ? Fate.Held : Fate.Written;
        var paying = world.Pay(held);
        await World.Until(() => world.Journal.Caught > 0);
        world.Time.Advance(Given.Seconds(271));
        await World.Until(async () => (await world.Whats(Friday)).Contains("HoldLapsed"));
        world.Journal.Release();
        Assert.NotNull((await paying).Refused);
        Assert.Equal(ReservationStatus.Held, await world.StatusOf(held));
        Assert.Equal(TokenStatus.Active, (await world.Look(alice)).Status);
    }

    private static async Task<World> OnSale()
    {
        var world = await (await World.Start()).WithQueue();
        return await world.WithSchedule();
    }

    private static Task<Answer<PaymentView>> PaySeats(World world, params string[] seats) =>
        world.Schedule().Pay(new("alice", null, [.. seats]), null);

    private static string TextOf(Append append) =>
        string.Concat(append.Events.Select(text => Encoding.UTF8.GetString(text.Span)));
}
