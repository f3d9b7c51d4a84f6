using OrleansConcert.Domain.Audits;

namespace OrleansConcert.Grains.Tests;

/// <summary>The auditor, held against a journal that real grains wrote, and against the same one corrupted in one place.</summary>
public sealed class AuditTests : IClassFixture<AuditTests.Record>
{
    private readonly Record _record;

    public AuditTests(Record record) => _record = record;

    public static TheoryData<string> Names => [.. Corruptions.All.Keys];

    [Fact]
    public void What_grains_wrote_is_in_order()
    {
        var (findings, sums) = Audit(_record.Events);
        Assert.Empty(findings);
        Assert.Equal(new(30_500, 4_000, 2_000, 28_500, 2, 2_000, 3), sums);
        Assert.True(Corruptions.All.Count >= 40);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_corrupted_journal_is_found_and_the_finding_names_what_it_is_about(string corruption)
    {
        var events = new Corrupted(_record.Events);
        var named = Corruptions.All[corruption](events);
        var findings = Audit(events.Events).Findings;
        Assert.Contains(findings, finding => finding.Contains(named, StringComparison.Ordinal));
    }

    /// <summary>Wherever it is cut, what was durable until then is in order: a saga in flight is no finding.</summary>
    [Fact]
    public void Every_beginning_of_the_journal_is_in_order()
    {
        var auditor = new Auditor();
        foreach (var recorded in _record.Events)
        {
            recorded.Tell(auditor);
            Assert.Empty(auditor.Conclude().Findings);
        }
    }

    [Fact]
    public async Task A_second_audit_reads_on_where_the_first_ended()
    {
        await using var world = await (await World.Start()).WithQueue();
        var audit = world.Cluster.GrainFactory.GetGrain<IAuditGrain>(WireNames.Audit);
        await world.Wallet("alice").Charge(1_000, null);
        Assert.Equal(1_000, (await audit.Invariants()).Totals.Charged);
        var first = await world.Journal.End();
        await world.Wallet("alice").Charge(500, null);
        var view = await audit.Invariants();
        Assert.Equal((true, 1_500L, 1_500L), (view.Ok, view.Totals.Charged, view.Totals.Balances));
        Assert.Equal([0, first], world.Journal.Positions);
    }

    [Fact]
    public async Task An_audit_that_takes_too_long_is_told_so_and_the_next_one_reads_all()
    {
        await using var world = await (await World.Start()).WithQueue();
        var audit = world.Cluster.GrainFactory.GetGrain<IAuditGrain>(WireNames.Audit);
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => world.Wallet("alice").Charge(1, null)));
        world.Journal.BeforeReading = () => world.Time.Pass(TimeSpan.FromMinutes(9));
        await Assert.ThrowsAsync<UnavailableException>(audit.Invariants);

        world.Journal.BeforeReading = () => { };
        Assert.Equal(1_000, (await audit.Invariants()).Totals.Charged);
        Assert.Equal([0, 0], world.Journal.Positions);
    }

    [Fact]
    public async Task A_trail_that_takes_too_long_is_told_so()
    {
        await using var world = await (await World.Start()).WithQueue();
        var trails = world.Cluster.GrainFactory.GetGrain<ITrailGrain>(WireNames.Audit);
        world.Journal.BeforeReading = () => world.Time.Pass(TimeSpan.FromSeconds(9));
        await Assert.ThrowsAsync<UnavailableException>(() => trails.OfTokens("alice", ["main"]));

        world.Journal.BeforeReading = () => { };
        Assert.Empty(await trails.OfTokens("alice", ["main"]));
    }

    private static (ImmutableArray<string> Findings, AuditSums Sums) Audit(IEnumerable<Recorded> events)
    {
        var auditor = new Auditor();
        foreach (var recorded in events)
        {
            recorded.Tell(auditor);
        }

        return auditor.Conclude();
    }

    /// <summary>What real grains write in the course of a little sale with all that can happen in one.</summary>
    public sealed class Record : IAsyncLifetime
    {
        internal ImmutableArray<Recorded> Events { get; private set; }

        public async Task InitializeAsync()
        {
            await using var world = await (await World.Start()).WithQueue();
            await world.WithSchedule();
            var alice = await world.Buyer("alice", 10_000);
            var (bob, carol, erin) = (await world.Buyer("bob", 500), await world.Buyer("carol"), await world.Buyer("erin"));
            var held = await world.Hold(alice, "A-1-1", "A-1-2");
            await world.Schedule().Confirm(held.ReservationId, "alice", null);
            var paid = (await world.Pay(held, Given.Repeat("alice", "k"))).Value!;
            var dear = await world.Hold(bob, "A-2-1");
            Assert.NotNull((await world.Pay(dear)).Refused);
            await world.Wallet("bob").Charge(10_000, null);
            Assert.NotNull((await world.Pay(dear)).Value);
            var lapsing = await world.Hold(carol, "A-3-1");
            world.Time.Pass(lapsing.ExpiresAt - world.Now);
            var given = await world.Hold(carol, "A-3-1");
            await world.Schedule().Release(given.ReservationId, "carol");
            await world.Token(erin.Ticket).Leave("erin");
            Assert.NotNull((await world.Schedule().Refund(new(paid.PaymentId, "admin", "rain"), null)).Value);
            await world.Main.SetMode(QueueMode.Paused, null);
            await world.Main.SetMode(QueueMode.Open, null);
            var dave = await world.Buyer("dave", 10_000);
            Assert.NotNull((await world.Pay(await world.Hold(dave, "A-1-1"), Given.Repeat("dave", "k"))).Value);
            await World.Until(async () =>
                (await world.Whats(WireNames.ScheduleStreams + "friday")).Count(what => what == "PaymentSettled") == 3);
            var events = new List<Recorded>();
            await foreach (var entry in world.Journal.Inner.ReadAll(CancellationToken.None))
            {
                if (Recorded.Of(entry) is { } recorded)
                {
                    events.Add(recorded);
                }
            }

            Events = [.. events];
        }

        public Task DisposeAsync() => Task.CompletedTask;
    }
}

/// <summary>An event of a stream.</summary>
internal sealed record Recorded(string Id, object Event)
{
    public static Recorded? Of(JournalEntry entry)
    {
        var slash = entry.Stream.IndexOf('/', StringComparison.Ordinal) + 1;
        var id = entry.Stream[slash..];
        return entry.Stream[..slash] switch
        {
            WireNames.ScheduleStreams => new(id, JournalFormats.Schedule.Read(entry.Text)),
            WireNames.WalletStreams => new(id, JournalFormats.Wallet.Read(entry.Text)),
            WireNames.QueueStreams => new(id, JournalFormats.Queue.Read(entry.Text)),
            _ => null,
        };
    }

    public void Tell(Auditor auditor)
    {
        switch (Event)
        {
            case SeatEvent seat:
                auditor.Observe(Id, seat);
                break;
            case WalletEvent wallet:
                auditor.Observe(Id, wallet);
                break;
            case QueueEvent queue:
                auditor.Observe(Id, queue);
                break;
        }
    }
}
