using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Http;

/// <summary>One request past its gate, as a resource sees it.</summary>
internal sealed class Call
{
    public required Caller Caller { get; init; }

    /// <summary>The key under which it may be repeated, where it has one.</summary>
    public required Repeat? Repeat { get; init; }

    public required Query Query { get; init; }

    public required RouteValueDictionary Path { get; init; }

    /// <summary>The tags that the client holds already.</summary>
    public required string IfNoneMatch { get; init; }

    /// <summary>How the client takes an answer compressed.</summary>
    public required string AcceptEncoding { get; init; }

    /// <summary>The id of the last event that the client has of such a stream, where it has one that was given here.</summary>
    public required long? LastEventId { get; init; }

    /// <summary>Who asks; the gate has seen to it that somebody does.</summary>
    public string UserId => Caller.UserId!;

    /// <summary>A part of the path; one that cannot be an id names nothing that exists.</summary>
    public string Named(string name) => (string)Path[name]!;

    /// <summary>Why the caller's token does not open what is sold behind that queue, or null where it does.</summary>
    public Problem? WrongQueue(string queueId) => Caller.Token!.QueueId == queueId
        ? null
        : new(ProblemCode.WrongQueue, $"The queue token is of '{Caller.Token.QueueId}', this is sold behind '{queueId}'.");
}
