namespace OrleansConcert.Grains;

/// <summary>
/// The permits under which a schedule takes seats: those asked for and not decided under yet, and the newest one of each ticket
/// that has live holds. A token that ends while its permit is on the way takes that permit along.
/// </summary>
internal sealed class PermitsInUse
{
    private readonly Dictionary<long, long> _serials = [];
    private readonly Dictionary<long, Asking> _asking = [];

    /// <summary>
    /// Gets a permit. Where the token ended while it was on its way, it is asked for again, and refused with the reason. One that
    /// was given is in use until <see cref="Decide"/>.
    /// </summary>
    public async Task<Answer<Permit>> Get(long ticket, Func<Task<Answer<Permit>>> ask)
    {
        if (!_asking.TryGetValue(ticket, out var asking))
        {
            _asking.Add(ticket, asking = new());
        }

        asking.Count++;
        Answer<Permit>? answer = null;
        try
        {
            answer = await ask();
            return answer = asking.Revoked ? await ask() : answer;
        }
        finally
        {
            if (answer?.Value is null)
            {
                Leave(ticket);
            }
        }
    }

    /// <summary>The hold that a permit was given for is decided in this turn: from here on the permit is worth that hold.</summary>
    public void Decide(long ticket, Permit permit)
    {
        Leave(ticket);
        _serials[ticket] = Math.Max(permit.Serial, _serials.GetValueOrDefault(ticket));
    }

    /// <summary>Takes over a permit under which there were holds before a restart.</summary>
    public void Restore(long ticket, long serial) => _serials.TryAdd(ticket, serial);

    /// <summary>
    /// The ticket has no live hold any more; the serial of its newest permit, where somebody has to be told. Not while another of its
    /// permits is undecided: that one is told of after its decision.
    /// </summary>
    public bool Finish(long ticket, out long serial)
    {
        serial = 0;
        return !_asking.ContainsKey(ticket) && _serials.Remove(ticket, out serial);
    }

    /// <summary>The ticket's token ended: no permit of it is worth anything, not even one on its way.</summary>
    public void Revoke(long ticket)
    {
        _serials.Remove(ticket);
        if (_asking.TryGetValue(ticket, out var asking))
        {
            asking.Revoked = true;
        }
    }

    private void Leave(long ticket)
    {
        if (--_asking[ticket].Count == 0)
        {
            _asking.Remove(ticket);
        }
    }

    private sealed class Asking
    {
        public int Count { get; set; }

        public bool Revoked { get; set; }
    }
}
