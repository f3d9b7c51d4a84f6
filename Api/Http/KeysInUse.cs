namespace OrleansConcert.Api.Http;

/// <summary>What keeps a call from being made twice at once under one key, beyond this process.</summary>
internal abstract class KeysInUse
{
    /// <summary>Takes the key for the time of one call, unless it was answered or another host's call has it.</summary>
    public abstract Task<Begun> Begin(Repeat repeat);

    /// <summary>The call is over. Comes before it is answered: who is refused may use the key again at once.</summary>
    public abstract Task End(Repeat repeat, long number);
}

/// <summary>Where this process alone answers calls it knows of every one, and no more is to be taken.</summary>
internal sealed class OwnKeysInUse(IGrainFactory grains) : KeysInUse
{
    public override async Task<Begun> Begin(Repeat repeat) => new(await grains.Answers().Find(repeat.Caller, repeat.Key), 0);

    public override Task End(Repeat repeat, long number) => Task.CompletedTask;
}

/// <summary>Several hosts answer calls.</summary>
internal sealed class SharedKeysInUse(IGrainFactory grains, TimeProvider time) : KeysInUse
{
    /// <summary>The answer is not kept waiting for longer where a silo was lost.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    public override Task<Begun> Begin(Repeat repeat) => grains.Repeats(repeat.Caller).Begin(repeat.Caller, repeat.Key);

    public override async Task End(Repeat repeat, long number)
    {
        try
        {
            await grains.Repeats(repeat.Caller).End(repeat.Caller, repeat.Key, number).WaitAsync(Patience, time);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whatever it is, the call has its answer, and the key comes back by itself.
        }
    }
}
