using OrleansConcert.Api.Access;

namespace OrleansConcert.Api.Http;

/// <summary>One call: its gate, and what happens behind it.</summary>
/// <param name="Answer">Reads the arguments, then answers; null where the arguments are at fault.</param>
internal sealed record Route(Gate Gate, Func<Call, Body, Faults, Task<Reply>?> Answer)
{
    /// <summary>Whether it changes nothing: then the caller's token is looked up on a board.</summary>
    public bool IsRead { get; init; }

    /// <summary>Whether it may take longer than calls usually do.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Whether it answers with a stream of events.</summary>
    public bool IsStream { get; init; }

    /// <summary>Whether it is answered whatever the load and whatever the client accepts.</summary>
    public bool IsProbe { get; init; }
}
