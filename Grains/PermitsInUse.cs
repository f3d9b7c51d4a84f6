namespace OrleansConcert.Grains;

/// <summary>
/// The permits under which a schedule takes seats: those asked for and not answered yet, and the last one of each ticket that has
/// live holds. A token that ends while its permit is on the way takes that permit along.
/// </summary>
internal sealed class PermitsInUse
{
    private readonly Dictionary<long, long> _serials = [];
    private readonly Dictionary<long, Asking> _asking = [];

    /// <summary>Gets a permit. Where the token ended while it was on its way, it is asked for again, and refused with the reason.</summary>
    public async Task<Answer<Permit>> Get(long ticket, Func<Task<Answer<Permit>>> ask)
    {
        if (!_asking.TryGetValue(ticket, out var asking))
        {
            _asking.Add(ticket, asking = new());
        }

        asking.Count++;
        try
        {
            var answer = await ask();
            answer = asking.Revoked ? await ask() : answer;
            if (answer.Value is { } permit)
            {
                _serials[ticket] = Math.Max(permit.Serial, _serials.GetValueOrDefault(ticket));
            }

            return answer;
        }
        finally
        {
            if (--asking.Count == 0)
            {
                _asking.Remove(ticket);
            }
        }
    }

    /// <summary>Takes over a permit under which there were holds before a restart.</summary>
    public void Restore(long ticket, long serial) => _serials.TryAdd(ticket, serial);

    /// <summary>The ticket has no live hold any more; the serial of its last permit, where somebody has to be told.</summary>
    public bool Finish(long ticket, out long serial) => _serials.Remove(ticket, out serial);

    /// <summary>The ticket's token ended: no permit of it is worth anything, not even one on its way.</summary>
    public void Revoke(long ticket)
    {
        _serials.Remove(ticket);
        if (_asking.TryGetValue(ticket, out var asking))
        {
            asking.Revoked = true;
        }
    }

    private sealed class Asking
    {
        public int Count { get; set; }

        public bool Revoked { get; set; }
    }
}
