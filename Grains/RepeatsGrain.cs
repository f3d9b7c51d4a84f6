using Orleans.Concurrency;

namespace OrleansConcert.Grains;

/// <summary>
/// Keeps two hosts from making the same call at once. The journal would refuse the second one's effect anyway, but with it all that its
/// grain has decided since. Nothing of this is durable: where it is lost, that is how the second is refused.
/// </summary>
[Reentrant]
public sealed class RepeatsGrain(Clock clock) : Grain, IRepeatsGrain
{
    /// <summary>Longer than anybody waits for a call: what is stuck at a lost silo, or whose host was lost, may be sent again.</summary>
    private static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(2.5);

    private readonly Dictionary<(string Caller, string Key), long> _inUse = [];
    private readonly Queue<(string Caller, string Key, long Number, Instant At)> _order = new();
    private long _last;

    public async Task<Begun> Begin(string caller, string key)
    {
        Forget();
        var (number, isInUse) = (Take(caller, key), false);
        try
        {
            // After the key was taken: whoever had it before has been answered by now.
            var given = await GrainFactory.GetGrain<IAnswersGrain>(WireNames.Answers).Find(caller, key);
            isInUse = given is null;
            return new(given, isInUse ? number : null);
        }
        finally
        {
            if (!isInUse)
            {
                GiveBack(caller, key, number);
            }
        }
    }

    public Task End(string caller, string key, long number)
    {
        GiveBack(caller, key, number);
        return Task.CompletedTask;
    }

    private long? Take(string caller, string key)
    {
        if (!_inUse.TryAdd((caller, key), _last + 1))
        {
            return null;
        }

        _order.Enqueue((caller, key, ++_last, clock.Now));
        return _last;
    }

    private void GiveBack(string caller, string key, long? number)
    {
        if (_inUse.TryGetValue((caller, key), out var held) && held == number)
        {
            _inUse.Remove((caller, key));
        }
    }

    private void Forget()
    {
        while (_order.TryPeek(out var oldest) && oldest.At + HeldFor <= clock.Now)
        {
            _order.Dequeue();
            GiveBack(oldest.Caller, oldest.Key, oldest.Number);
        }
    }
}
