namespace OrleansConcert.Grains.Tests;

public interface IPiecesGrain : IGrainWithStringKey
{
    Task<long> Charge();

    Task<long> Get();

    Task Leave();
}

/// <summary>A wallet whose snapshots are made as a test says, after every third event.</summary>
public sealed class PiecesGrain(JournaledGrainServices services)
    : JournaledGrain<WalletState, WalletEvent>(services with { SnapshotAfterEvents = 3 }, Format), IPiecesGrain
{
    private static readonly JournalFormat<WalletState, WalletEvent> Format = JournalFormats.Wallet with
    {
        Capture = static state => Capture!(JournalFormats.Wallet.Capture(state).Single()),
    };

    /// <summary>The pieces of a snapshot, given the one that matters.</summary>
    public static Func<byte[], IEnumerable<byte[]>> Capture { get; set; } = static state => [state];

    public async Task<long> Charge()
    {
        var answer = await Answer(Accounting.Charge(State, 1, $"ent.{Version}", Now), 201, () => new ChargeView(Key, State.Balance, ""));
        return answer.Value!.Balance;
    }

    public Task<long> Get() => Task.FromResult(State.Balance);

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
