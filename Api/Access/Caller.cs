using OrleansConcert.Domain.Access;

namespace OrleansConcert.Api.Access;

/// <summary>Who is asking, as far as the request's credentials prove it.</summary>
internal sealed record Caller
{
    /// <summary>Nobody in particular.</summary>
    public static readonly Caller Nobody = new();

    /// <summary>The user whom every credential names, or null where there is none.</summary>
    public string? UserId => Access?.UserId ?? Token?.UserId;

    /// <summary>The access token, which has not expired.</summary>
    public AccessToken? Access { get; init; }

    /// <summary>The queue token; it is genuine, and may have ended.</summary>
    public QueueToken? Token { get; init; }

    /// <summary>The queue token as it was sent.</summary>
    public string TokenText { get; init; } = "";

    /// <summary>What the queue says of the token, or null where it does not know it.</summary>
    public TokenSight? Sight { get; init; }

    /// <summary>The operator key as it was sent.</summary>
    public string? OperatorKey { get; init; }

    public bool IsAdmin => Access is { IsAdmin: true };
}
