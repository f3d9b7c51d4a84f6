using OrleansConcert.Postgres;
using Xunit.Abstractions;

namespace OrleansConcert.Grains.Tests;

/// <summary>The views in SQL, held against what real grains wrote and say.</summary>
public sealed class ViewsTests(ViewsTests.Server server, ITestOutputHelper output) : IClassFixture<ViewsTests.Server>
{
    [PostgresTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_views_say_what_the_journal_folds_to_and_the_grains_tell(int seed)
    {
        output.WriteLine($"seed {seed}");
        await using var world = await World.Start();
        await using var copy = await server.Copy();
        var later = new Random(seed);
        await new Story(world, seed, async () =>
        {
            var folded = await Take(world, copy);
            await Compare(folded, copy, world.Now);
            var then = world.Now + Given.Seconds(later.Next(600));
            await copy.Now(then);
            await Compare(folded, copy, then);
        }).Play(400);
        await world.Within(Given.Minutes(1), async () => (await Take(world, copy)).IsSettled);
        await World.Until(() => GrainsAgree(world, copy));
    }

    [PostgresFact]
    public async Task A_hold_is_over_at_its_deadline_and_not_before_though_its_lapse_is_not_journaled()
    {
        await using var world = await (await World.Start()).WithQueue();
        await using var copy = await server.Copy();
        var held = await world.Hold(await (await world.WithSchedule()).Buyer("alice"), "A-1-1");
        world.Time.Pass(held.ExpiresAt - world.Now - TimeSpan.FromMilliseconds(1));
        await Take(world, copy);
        Assert.Contains($"friday A-1-1 A 1 1 1000 HELD {held.ReservationId} alice {held.ExpiresAt}", await copy.Rows("seats_now"));
        await copy.Now(held.ExpiresAt);
        Assert.Contains("friday A-1-1 A 1 1 1000 AVAILABLE - - -", await copy.Rows("seats_now"));
        Assert.EndsWith(
            $" EXPIRED {held.HeldAt} {held.ExpiresAt} - {held.ExpiresAt}",
            (await copy.Rows("reservations_now"))[1],
            StringComparison.Ordinal);
        Assert.DoesNotContain("HoldLapsed", await world.Whats(WireNames.ScheduleStreams + "friday"));
    }

    [PostgresFact]
    public async Task A_hold_that_is_being_paid_for_is_not_over_at_its_deadline()
    {
        await using var world = await (await World.Start()).WithQueue();
        await using var copy = await server.Copy();
        var held = await world.Hold(await (await world.WithSchedule()).Buyer("alice", 10_000), "A-1-1");
        world.Journal.HoldBack(WireNames.WalletStreams + "alice");
        var paying = world.Pay(held);
        await World.Until(() => world.Journal.Caught > 0);
        await Take(world, copy);
        await copy.Now(held.ExpiresAt);
        Assert.Contains($"friday A-1-1 A 1 1 1000 PAYING {held.ReservationId} alice {held.ExpiresAt}", await copy.Rows("seats_now"));
        Assert.Single(await copy.Rows("payments"));
        world.Journal.Release();
        var paid = (await paying).Value!;
        await Take(world, copy);
        Assert.Contains($"friday A-1-1 A 1 1 1000 SOLD {held.ReservationId} alice -", await copy.Rows("seats_now"));
        Assert.Equal(
            JournalCopy.Row(paid.PaymentId, held.ReservationId, "friday", "tour", "alice", 1_000, paid.PaidAt, null),
            (await copy.Rows("payments"))[1]);
    }

    [PostgresFact]
    public async Task A_second_payment_and_a_second_end_are_those_that_count()
    {
        await using var world = await (await World.Start()).WithQueue();
        await using var copy = await server.Copy();
        var alice = await (await world.WithSchedule()).Buyer("alice");
        var held = await world.Hold(alice, "A-1-1");
        await world.Schedule().Confirm(held.ReservationId, "alice", null);
        Assert.NotNull((await world.Pay(held)).Refused);
        await Take(world, copy);
        Assert.EndsWith(
            $" RESERVED {held.HeldAt} {held.ExpiresAt} - -", (await copy.Rows("reservations_now"))[1], StringComparison.Ordinal);

        await world.Wallet("alice").Charge(1_000, null);
        world.Journal.HoldBack(WireNames.WalletStreams + "alice");
        var paying = world.Pay(held);
        await World.Until(() => world.Journal.Caught > 0);
        await world.Token(alice.Ticket).Leave("alice");
        world.Journal.Release();
        var paid = (await paying).Value!;
        await World.Until(async () => (await world.Look(alice)).Status == TokenStatus.Done);
        await Take(world, copy);
        Assert.EndsWith(
            $" PAID {held.HeldAt} {held.ExpiresAt} {paid.PaymentId} -", (await copy.Rows("reservations_now"))[1], StringComparison.Ordinal);
        Assert.StartsWith("main 1 alice DONE ", (await copy.Rows("queue_now"))[1], StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task What_the_grains_have_forgotten_the_views_still_tell()
    {
        await using var world = await (await World.Start()).WithQueue();
        await using var copy = await server.Copy();
        var alice = await (await world.WithSchedule()).Buyer("alice");
        var held = await world.Hold(alice, "A-1-1");
        await world.Schedule().Release(held.ReservationId, "alice");
        await world.Token(alice.Ticket).Leave("alice");
        await world.Hold(await world.Buyer("bob"), "A-1-2");
        world.Time.Pass(TimeSpan.FromDays(2));
        await world.Main.Join("carol", null);
        await world.Schedule().Get();
        Assert.Null(await world.Main.Look(alice.Ticket, alice.Nonce));
        Assert.Equal(
            SeatRefusal.ReservationNotFound, (await world.Schedule().Find(held.ReservationId, "alice")).Reason());

        await Take(world, copy);
        Assert.Contains(await copy.Rows("queue_now"), row => row.Contains(" alice CANCELLED ", StringComparison.Ordinal));
        Assert.Contains(await copy.Rows("reservations_now"), row => row.Contains(" alice A-1-1 1000 CANCELLED ", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task Now_is_the_time_of_the_server()
    {
        await using var world = await (await World.Start()).WithQueue();
        await using var copy = await server.Copy();
        await Take(world, copy);
        await copy.Migrate();
        Assert.True(await copy.LooksAtTheTimeOfTheServer());
    }

    private static async Task<FoldedJournal> Take(World world, JournalCopy copy)
    {
        var entries = await world.Journal.ReadAll(CancellationToken.None).ToListAsync();
        await copy.Put(entries, world.Now);
        return new(entries);
    }

    private static async Task Compare(FoldedJournal folded, JournalCopy copy, Instant now)
    {
        foreach (var (view, rows) in folded.At(now))
        {
            Assert.Equal(rows, await copy.Rows(view));
        }
    }

    /// <summary>False where the grains wrote something while they were asked: then the copy is older than their answers.</summary>
    private static async Task<bool> GrainsAgree(World world, JournalCopy copy)
    {
        var end = await world.Journal.End();
        await Take(world, copy);
        var views = new List<string>();
        var told = new List<string>();
        await AskSchedules(world, copy, views, told);
        await AskWallets(world, copy, views, told);
        await AskQueues(world, copy, views, told);
        if (await world.Journal.End() != end)
        {
            return false;
        }

        Assert.Equal(views, told);
        return true;
    }

    private static async Task AskSchedules(World world, JournalCopy copy, List<string> views, List<string> told)
    {
        foreach (var schedule in (await Cells(copy, "seats_now")).GroupBy(seat => seat[0]))
        {
            var plan = new SeatPlan((await world.Schedule(schedule.Key).Define()).Value!.Sections);
            var map = (await world.Schedule(schedule.Key).Map(-1))!;
            views.AddRange(schedule.Select(seat => $"{seat[1]} {(seat[6] is "RESERVED" or "PAYING" ? "HELD" : seat[6])}").Order());
            told.AddRange(map.Statuses.Select((status, seat) => JournalCopy.Row(plan.SeatAt(seat), (SeatStatus)status)).Order());
        }

        foreach (var reservation in await Cells(copy, "reservations_now"))
        {
            var found = (await world.Schedule(reservation[1]).Find(reservation[0], reservation[2])).Value!;
            views.Add($"{reservation[0]} {reservation[5]} {reservation[8]}");
            told.Add(JournalCopy.Row(found.ReservationId, found.Status, found.PaymentId));
        }
    }

    private static async Task AskWallets(World world, JournalCopy copy, List<string> views, List<string> told)
    {
        var payments = await Cells(copy, "payments");
        foreach (var wallet in await Cells(copy, "wallet_balances"))
        {
            var user = world.Wallet(wallet[0]);
            views.Add($"{wallet[0]} {wallet[1]} {wallet[2]}");
            told.Add(JournalCopy.Row(wallet[0], (await user.Get()).Balance, (await user.Entries(0, 1_000)).Items.Length));
            views.AddRange(payments.Where(paid => paid[4] == wallet[0]).Select(paid => string.Join(' ', paid)));
            told.AddRange((await user.Payments(0, 1_000)).Items.OrderBy(paid => paid.PaymentId, StringComparer.Ordinal).Select(paid =>
                JournalCopy.Row(
                    paid.PaymentId, paid.ReservationId, paid.ScheduleId, paid.ConcertId, paid.UserId, paid.Amount, paid.PaidAt,
                    paid.RefundedAt)));
        }
    }

    private static async Task AskQueues(World world, JournalCopy copy, List<string> views, List<string> told)
    {
        foreach (var queue in (await Cells(copy, "queue_now")).GroupBy(token => token[0]))
        {
            var shown = (await world.Queue(queue.Key).Get()).Value!.Figures;
            views.Add(JournalCopy.Row([.. Enum.GetValues<TokenStatus>()
                .Select(status => (object)queue.Count(token => token[3] == JournalCopy.Row(status)))]));
            told.Add(JournalCopy.Row(shown.Waiting, shown.Active, shown.DoneTotal, shown.ExpiredTotal, shown.CancelledTotal));
            foreach (var live in queue.Where(token => token[3] is "WAITING" or "ACTIVE"))
            {
                views.Add(live[1]);
                told.Add(JournalCopy.Row(await world.Queue(queue.Key).TicketOf(live[2])));
            }
        }
    }

    private static async Task<string[][]> Cells(JournalCopy copy, string view) =>
        [.. (await copy.Rows(view)).Skip(1).Select(row => row.Split(' '))];

    public sealed class Server : IAsyncLifetime
    {
        private ThrowawayPostgres? _server;

        public async Task InitializeAsync() => _server = await ThrowawayPostgres.StartAsync();

        public async Task DisposeAsync() => await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);

        internal Task<JournalCopy> Copy() => JournalCopy.Make(_server!.ConnectionString);
    }
}
