namespace OrleansConcert.Api.Access;

/// <summary>What must be shown to make a call. Every route names one; a route that names none is closed.</summary>
public enum Gate
{
    /// <summary>Nobody is asked.</summary>
    Open,

    /// <summary>An operator key.</summary>
    Operator,

    /// <summary>An access token; a place in the queue is not enough.</summary>
    SignedIn,

    /// <summary>An access token or a live queue token.</summary>
    User,

    /// <summary>As the queue's policy has it: a user, a live queue token or an ACTIVE one.</summary>
    Wallet,

    /// <summary>A queue token that has not ended.</summary>
    Token,

    /// <summary>An ACTIVE queue token or, where the queue's policy says so, any but EXPIRED and CANCELLED ones.</summary>
    Browse,

    /// <summary>An ACTIVE queue token.</summary>
    Active,

    /// <summary>An access token with the role <c>admin</c>.</summary>
    Admin,
}
