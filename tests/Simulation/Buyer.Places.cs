using OrleansConcert.Domain.Access;

namespace OrleansConcert.Simulation;

/// <summary>What a buyer does with a place in the queue.</summary>
internal sealed partial class Buyer
{
    private readonly List<QueueToken> _replaced = [];
    private QueueToken? _token;
    private long _position;
    private Instant? _expiry;

    /// <summary>What was known of the present place when a call began: answers of calls at once may overtake each other.</summary>
    private (long? Ticket, long Position) Known => (_token?.Ticket, _position);

    /// <summary>Joins, or joins again; now and then whatever it costs.</summary>
    private async Task Join()
    {
        var known = Known;
        var givenUp = _random.Next(_token is null ? 20 : 3) == 0
            && await world.Ask(userId, "ticket", async grains => new Place(await Queue(grains).TicketOf(userId))) is { } place
                ? place.Ticket
                : 0;
        world.Claims.MayEnd(givenUp, EndReason.Requeued);
        if (_random.Next(3) == 0)
        {
            await Keyed($"join for {givenUp}", Call, Joined, Take);
        }
        else if ((await Ask($"join for {givenUp}", null, Call))?.Value is { } view)
        {
            Joined(view);
            Take(view);
            See(QueueToken.Verify(Site.Keys, view.Token)!, view, null, known);
        }

        Task<Answer<TokenView>> Call(IGrainFactory grains, Repeat? repeat) => givenUp == 0
            ? Queue(grains).Join(userId, repeat)
            : Token(grains, givenUp).Rejoin(userId, repeat);
    }

    private void Joined(TokenView view)
    {
        var token = QueueToken.Verify(Site.Keys, view.Token)!;
        world.Claims.Add($"{userId} joined with {token}", books => books.Joins.TryGetValue(token.Ticket, out var joined)
            && joined.UserId == userId && books.Nonces[token.Ticket].Contains(token.Nonce));
    }

    private void Take(TokenView view)
    {
        var token = QueueToken.Verify(Site.Keys, view.Token)!;
        if (_token?.Ticket != token.Ticket)
        {
            (_position, _expiry) = (long.MaxValue, null);
        }
        else if (_token.Nonce != token.Nonce)
        {
            _replaced.Add(_token);
        }

        _token = token;
    }

    /// <summary>Polls, as every gate does.</summary>
    private Task<TokenView?> Look() => _token is { } token ? Look(token) : Task.FromResult<TokenView?>(null);

    private async Task<TokenView?> Look(QueueToken token)
    {
        var known = Known;
        var isVoid = world.Books.Rotations.ContainsKey((token.Ticket, token.Nonce));
        var (exact, asked, clock) = (_random.Next(8) == 0, Instant.Epoch, world.Site.Clock);
        var sight = await world.Ask(userId, exact ? "look" : "poll", async _ =>
        {
            (asked, clock) = (world.Now, world.Site.Clock);
            return new Sighted(await (exact ? Home.Exact(token) : Home.Sight(token).AsTask()));
        });
        if (sight is null)
        {
            return null;
        }

        if (sight.Sight is not { } seen)
        {
            world.Break($"the queue does not know {token}");
            return null;
        }

        // What a server that is gone was asked says nothing by the clock of the next, for which everybody was heard of at its start.
        if (seen.Token.Status is TokenStatus.Waiting or TokenStatus.Active && world.Site.Grains is not null && clock == world.Site.Clock)
        {
            world.Books.Heard(token.Ticket, asked);
        }

        world.Break(isVoid && seen.Token.Reason != EndReason.Rotated ? $"{token} was void and was shown {seen.Token}" : null);
        See(token, seen.Token, seen.PaymentId, known);
        if (seen.Token.Status is not (TokenStatus.Waiting or TokenStatus.Active) && _token == token)
        {
            _token = null;
        }

        return seen.Token;
    }

    private void See(QueueToken token, TokenView view, string? paymentId, (long? Ticket, long Position) known)
    {
        var ticket = token.Ticket;
        if (view.Reason == EndReason.Rotated)
        {
            world.Claims.Add($"{token} is void since {view.EndedAt}", books =>
                view.Status == TokenStatus.Expired && view.EndedAt == books.Rotations[(ticket, token.Nonce)]);
            return;
        }

        var isPresent = _token?.Ticket == ticket;
        if (view.Status == TokenStatus.Waiting)
        {
            var (stands, line) = (view.Position, world.Books.Queues[World.QueueId].Line);
            world.Break(line.Contains(ticket) && stands <= line.Ahead(ticket)
                ? $"ticket {ticket} stands at {line.Ahead(ticket) + 1} and was shown {stands}"
                : null);
            world.Break(ticket == known.Ticket && view.Position > known.Position
                ? $"ticket {ticket} was shown position {known.Position}, then {view.Position}"
                : null);
            _position = isPresent ? Math.Min(_position, view.Position) : _position;
            return;
        }

        world.Break(isPresent && _expiry is { } shown && view.ExpiresAt != shown
            ? $"ticket {ticket} was to end at {shown}, then at {view.ExpiresAt}"
            : null);
        (_position, _expiry) = isPresent ? (0, view.ExpiresAt) : (_position, _expiry);
        _deadline = view.ExpiresAt ?? _deadline;
        if (view.Status == TokenStatus.Active)
        {
            world.Claims.Add($"{ticket} is ACTIVE", books => books.Admissions.Contains(ticket));
        }
        else
        {
            var (status, reason) = (view.Status, view.Reason);
            world.Claims.Add($"{ticket} is {status}, {reason}", books => books.Ends.TryGetValue(ticket, out var ends)
                && ends.Exists(end => end.Status == status && end.Reason == reason && end.PaymentId == paymentId));
        }
    }

    private async Task Leave()
    {
        var ticket = _token!.Ticket;
        world.Claims.MayEnd(ticket, EndReason.Left);
        var told = await Ask("leave", null, (grains, _) => Token(grains, ticket).Leave(userId));
        if (told?.Value is not null)
        {
            world.Claims.Add($"{ticket} left", books => books.Ends.TryGetValue(ticket, out var ends)
                && ends.Exists(end => end.Reason == EndReason.Left));
        }
    }

    private static ITokenGrain Token(IGrainFactory grains, long ticket) =>
        grains.GetGrain<ITokenGrain>(WireNames.Token(World.QueueId, ticket));

    private sealed record Sighted(TokenSight? Sight);

    private sealed record Place(long Ticket);
}
