namespace OrleansConcert.Grains.Tests;

/// <summary>Snapshots in pieces, one a turn, and what may happen between two of them.</summary>
public sealed class SnapshotTests
{
    private const string Alice = WireNames.WalletStreams + "alice";

    /// <summary>How many pieces there were, of all captures.</summary>
    private int _pieces;

    /// <summary>How many captures were given back.</summary>
    private int _givenBack;
    private volatile bool _isLast;

    public SnapshotTests() => PiecesGrain.Capture = Whole;

    [Fact]
    public async Task A_failed_write_cuts_a_capture_short_and_the_next_snapshot_is_whole()
    {
        await using var world = await World.Start();
        await BeginSnapshot(world);

        world.Journal.Next(Alice, Fate.FailBefore);
        await Assert.ThrowsAsync<UnavailableException>(() => Grain(world).Charge());
        await World.Until(() => world.Lines.With("could not be snapshotted").Any());

        Assert.Equal((1, 0), (_givenBack, world.Journal.SnapshotsAsked));
        await TheNextIsWhole(world, balance: 3);
    }

    [Fact]
    public async Task What_was_not_written_is_in_no_snapshot_that_was_captured_with_it()
    {
        var writer = new GatedScheduler();
        await using var world = await World.Start(writer: writer);
        await Charge(world, 2);
        PiecesGrain.Capture = Pieces;
        var fates = new Queue<Fate>([Fate.Written, Fate.FailLater]);
        world.Journal.Script = append => append.Stream == Alice && fates.TryDequeue(out var fate) ? fate : Fate.Written;
        writer.Shut();
        var written = Grain(world).Charge();
        await World.Until(() => world.Journal.To(Alice).Length == 3);
        var lost = Grain(world).Charge();
        await World.Until(() => world.Journal.To(Alice).Length == 4);
        writer.Open();
        await written;
        await World.Until(() => _pieces > 5);

        _isLast = true;
        await World.Until(() => _givenBack == 1);
        world.Journal.Release();
        await Assert.ThrowsAsync<UnavailableException>(() => lost);
        await World.Until(() => world.Lines.With("could not be snapshotted").Any());

        Assert.Equal(0, world.Journal.SnapshotsAsked);
        await TheNextIsWhole(world, balance: 3);
    }

    [Fact]
    public async Task A_snapshot_that_outlives_its_activation_replaces_no_later_one()
    {
        await using var world = await World.Start();
        await BeginSnapshot(world);

        await Grain(world).Leave();
        PiecesGrain.Capture = Whole;
        await Charge(world, 1);
        await World.Until(async () => (await world.Journal.Inner.Load(Alice)).SnapshotVersion == 4);
        _isLast = true;
        await World.Until(() => world.Journal.SnapshotsAsked == 2);

        await TheNextIsWhole(world, balance: 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_capture_that_fails_is_told_and_costs_nobody_an_answer(int after)
    {
        await using var world = await World.Start();
        PiecesGrain.Capture = state => after == 0 ? throw new InvalidOperationException("At once.") : Failing(state, after);
        await Charge(world, 3);
        await World.Until(() => world.Lines.With("could not be snapshotted").Any());

        Assert.Equal((0, 0), (world.Journal.SnapshotsAsked, world.Lines.With("drops its memory").Count()));
        await TheNextIsWhole(world, balance: 3);
    }

    [Fact]
    public async Task After_a_snapshot_that_the_journal_refuses_the_next_is_whole()
    {
        await using var world = await World.Start();
        world.Journal.SnapshotsFail = true;
        await Charge(world, 3);
        await World.Until(() => world.Lines.With("could not be snapshotted").Any());

        world.Journal.SnapshotsFail = false;
        await TheNextIsWhole(world, balance: 3);
    }

    private static IPiecesGrain Grain(World world) => world.Cluster.GrainFactory.GetGrain<IPiecesGrain>("alice");

    private static async Task Charge(World world, int count)
    {
        for (; count > 0; count--)
        {
            await Grain(world).Charge();
        }
    }

    private static async Task<long> Balance(World world)
    {
        try
        {
            return await Grain(world).Get();
        }
        catch (UnavailableException)
        {
            return -1;
        }
    }

    private static IEnumerable<byte[]> Whole(byte[] state) => [state, [1], [2], [3]];

    /// <summary>The next snapshot has every piece and is what the journal has at its version, and so is who starts from it.</summary>
    private static async Task TheNextIsWhole(World world, long balance)
    {
        await World.Until(async () => await Balance(world) == balance);
        PiecesGrain.Capture = Whole;
        var before = (await world.Journal.Inner.Load(Alice)).SnapshotVersion;
        await Charge(world, 3);
        var loaded = await world.Journal.Inner.Load(Alice);
        await World.Until(async () => (loaded = await world.Journal.Inner.Load(Alice)).SnapshotVersion > before);

        Assert.Equal(["1", "2", "3"], loaded.SnapshotPieces.Skip(1).Select(piece => $"{Assert.Single(piece.ToArray())}"));
        Assert.Equal(loaded.SnapshotVersion, JournalFormats.Wallet.Restore([loaded.SnapshotPieces[0]]).Balance);
        await Grain(world).Leave();
        Assert.Equal(balance + 4, await Grain(world).Charge());
    }

    /// <summary>A snapshot is begun, and goes on until it is told to come to its end.</summary>
    private async Task BeginSnapshot(World world)
    {
        PiecesGrain.Capture = Pieces;
        await Charge(world, 3);
        await World.Until(() => _pieces > 5);
    }

    private IEnumerable<byte[]> Pieces(byte[] state)
    {
        try
        {
            yield return state;
            while (!_isLast)
            {
                Interlocked.Increment(ref _pieces);
                yield return [0];
            }
        }
        finally
        {
            _givenBack++;
        }
    }

    private static IEnumerable<byte[]> Failing(byte[] state, int after)
    {
        for (; after > 0; after--)
        {
            yield return state;
        }

        throw new InvalidOperationException("Told to fail.");
    }
}
