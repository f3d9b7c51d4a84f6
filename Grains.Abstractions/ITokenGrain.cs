namespace OrleansConcert.Grains.Abstractions;

/// <summary>
/// An admitted token, by queue and ticket: which schedules it has holds in, and its end. It keeps nothing of its own: the queue's
/// journal does. A waiting token is never activated.
/// </summary>
[Alias("OrleansConcert.ITokenGrain")]
public interface ITokenGrain : IGrainWithStringKey
{
    /// <summary>Asks the queue for a permit to take seats of a schedule, and remembers the schedule.</summary>
    [Alias("Permit")]
    Task<Answer<Permit>> Permit(string scheduleId, TimeSpan holdTtl);

    /// <summary>
    /// The last hold under a permit of that serial ended. Ignored where a newer permit was given; a lost call costs at most one
    /// hold's time.
    /// </summary>
    [Alias("HoldsEnded")]
    Task HoldsEnded(string scheduleId, long serial);

    /// <summary>
    /// Tells of live holds after a restart, so that the token lasts as long and they are given back when it ends; at once where it
    /// has ended, and whoever was to give them back was stopped between the two.
    /// </summary>
    /// <returns>The serial under which their end is to be told, or null where the token has ended.</returns>
    [Alias("Held")]
    Task<long?> Held(string scheduleId, string userId, Instant until);

    /// <summary>
    /// The owner leaves: the token ends, then its holds are given back. Whoever calls a schedule after the answer finds them free;
    /// where a failure came between, the schedule gives them back when it is loaded again.
    /// </summary>
    [Alias("Leave")]
    Task<Answer<TokenView>> Leave(string userId);

    /// <summary>The owner joins again and gives the live holds up for it. Where that ends the token, they are given back as at a leave.</summary>
    [Alias("Rejoin")]
    Task<Answer<TokenView>> Rejoin(string userId, Repeat? repeat);

    /// <summary>An operator ends the token and says why; its holds are given back as at a leave.</summary>
    [Alias("End")]
    Task<Answer<TokenView>> End(string userId, string why, Repeat? repeat);

    /// <summary>The purchase is paid: the token is DONE, then its other holds are given back as at a leave. Idempotent.</summary>
    [Alias("Complete")]
    Task Complete(string userId, string paymentId);
}
