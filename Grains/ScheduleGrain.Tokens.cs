using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Grains;

/// <summary>What a schedule tells the tokens that have holds here: of the holds after a start, and of their end.</summary>
public sealed partial class ScheduleGrain
{
    /// <summary>The holders whose tokens could not be told of their holds yet, and when they are told again.</summary>
    private readonly List<(string UserId, long Ticket)> _untold = [];
    private Instant _tellAt = Instant.Never;
    private Task _telling = Task.CompletedTask;

    /// <exception cref="UnavailableException">A token could not be told yet of its holds here.</exception>
    public override async Task Wake()
    {
        await _telling;
        if (_untold.Count > 0)
        {
            throw new UnavailableException("Not every token could be told of its holds yet.");
        }
    }

    /// <summary>A ticket without holds here does not need its token kept alive for them. Completes when that was told.</summary>
    private Task TellWhereHoldless(string userId, long ticket, Instant now) =>
        !State.Of(userId).Any(hold => hold.Ticket == ticket && NeedsToken(hold, now)) && _permits.Finish(ticket, out var serial)
            ? InBackground(TellHoldsEnded(ticket, serial))
            : Task.CompletedTask;

    /// <summary>A token that may end must not do so for a hold that a power cut brings back.</summary>
    private async Task TellHoldsEnded(long ticket, long serial)
    {
        await WhenDurable(Version);
        await TokenOf(ticket).HoldsEnded(Key, serial);
    }

    /// <summary>A payment may yet come to nothing, and then the hold is back.</summary>
    private static bool NeedsToken(Reservation reservation, Instant now) =>
        reservation.IsLiveHoldAt(now) || reservation.Status == ReservationStatus.Paying;

    /// <summary>Tells every token that was not told yet of its holds: after a start, each until it has answered.</summary>
    private void Retell()
    {
        _tellAt = Instant.Never;
        var holders = _untold.ToArray();
        _untold.Clear();
        _telling = Task.WhenAll(holders.Select(holder => InBackground(Retell(holder.UserId, holder.Ticket))));
    }

    /// <summary>Tells a token of its holds, and at once of their end where that came meanwhile.</summary>
    private async Task Retell(string userId, long ticket)
    {
        var until = State.Of(userId).Where(hold => hold.Ticket == ticket && NeedsToken(hold, Now))
            .Select(hold => hold.ExpiresAt).DefaultIfEmpty(Instant.Epoch).Max();
        if (until == Instant.Epoch)
        {
            return;
        }

        try
        {
            if (await TokenOf(ticket).Held(Key, userId, until) is { } serial)
            {
                _permits.Restore(ticket, serial);
                _ = TellWhereHoldless(userId, ticket, Now);
            }
        }
        catch (Exception)
        {
            _untold.Add((userId, ticket));
            _tellAt = Instant.Min(_tellAt, Now + RetryAfter);
            Arm();
            throw;
        }
    }
}
