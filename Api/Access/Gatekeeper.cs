using OrleansConcert.Api.Hosting;
using OrleansConcert.Api.Problems;
using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Api.Access;

/// <summary>Decides whether a caller may pass a gate. Nothing is open that does not say so.</summary>
internal sealed class Gatekeeper(IGrainFactory grains, OperatorKeys operators, Settings settings)
{
    private static readonly Problem NoToken = new(ProblemCode.TokenMissing, "A queue token is needed, in Queue-Token.");

    /// <summary>Whether the gate wants a caller at all: without any credential it is not reached.</summary>
    public static Problem? Unknown(Gate gate, Caller caller) => gate is Gate.Open or Gate.Operator || caller.UserId is not null
        ? null
        : new(ProblemCode.TokenMissing, "A credential is needed: an access token in Authorization, or a queue token in Queue-Token.");

    /// <summary>Why the caller may not pass, or null.</summary>
    public async Task<Problem?> Refuses(Gate gate, Caller caller)
    {
        var refused = gate switch
        {
            Gate.Open => null,
            Gate.Operator => operators.Refuse(caller.OperatorKey),
            Gate.SignedIn => caller.Access is null ? Ended(caller) ?? OnlyAccess : null,
            Gate.User => caller.Access is null ? Ended(caller) : null,
            Gate.Wallet => await OfWallet(caller),
            Gate.Token => caller.Token is null ? NoToken : Ended(caller),
            Gate.Browse => MayBrowse(caller) ? null : Inactive(caller),
            Gate.Active => Inactive(caller),
            Gate.Admin => caller.IsAdmin ? null : (caller.Access is null ? Ended(caller) : null) ?? OnlyAdmins,
        };
        return refused ?? (gate is Gate.Open or Gate.Operator ? null : await Unregistered(caller));
    }

    /// <summary>Why that user is unknown here, or null where nobody needs to be registered or this one is.</summary>
    public async Task<Problem?> Unregistered(string userId) =>
        settings.RegistrationRequired && !await grains.Catalog().HasUser(userId)
            ? new(ProblemCode.UserNotFound, $"The user '{userId}' is not registered.")
            : null;

    private static Problem OnlyAccess => new(ProblemCode.TokenMissing, "An access token is needed, in Authorization.");

    private static Problem OnlyAdmins => new(ProblemCode.AdminOnly, "The access token must have the role 'admin'.");

    private Task<Problem?> Unregistered(Caller caller) =>
        caller.IsAdmin ? Task.FromResult<Problem?>(null) : Unregistered(caller.UserId!);

    private async Task<Problem?> OfWallet(Caller caller) => await WalletGateOf(caller) switch
    {
        WalletGate.Open => caller.Access is null ? Ended(caller) : null,
        WalletGate.Token => caller.Token is null ? NoToken : Ended(caller),
        WalletGate.Active => Inactive(caller),
    };

    /// <summary>The gate of the queue whose token is sent, else that of the main one.</summary>
    private async Task<WalletGate> WalletGateOf(Caller caller) => caller.Sight is { } sight
        ? sight.WalletGate
        : (await grains.Queue(WireNames.MainQueue).Get()).Value?.Policy.WalletGate ?? WalletGate.Open;

    private static bool MayBrowse(Caller caller) => caller.Sight is { BrowseGate: BrowseGate.NotExpired } sight
        && sight.Token.Status is not (TokenStatus.Expired or TokenStatus.Cancelled);

    /// <summary>Why the token is not ACTIVE, or null where it is.</summary>
    private static Problem? Inactive(Caller caller)
    {
        if (caller.Token is null)
        {
            return NoToken;
        }

        return Ended(caller) ?? (caller.Sight!.Token is { Status: TokenStatus.Waiting } token
            ? Refusals.OfWaiting(token.Status, token.Position)
            : null);
    }

    /// <summary>Why the token is not alive, or null where it is.</summary>
    private static Problem? Ended(Caller caller) => caller.Sight switch
    {
        null => new QueueRefused(QueueRefusal.NotInQueue).ToProblem(),
        { Token: { Status: TokenStatus.Waiting or TokenStatus.Active } } => null,
        { Token: var token, PaymentId: var payment } => Refusals.OfEnded(token.Status, token.Reason, token.EndedAt, payment),
    };
}
