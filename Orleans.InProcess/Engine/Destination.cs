namespace Orleans.InProcess;

/// <summary>Where the calls to one grain go: its activation, or the workers of a stateless one.</summary>
internal abstract class Destination
{
    /// <summary>Whether this no longer takes calls and the grain has, or will get, another.</summary>
    internal abstract bool IsClosed { get; }

    /// <summary>Takes a call. One that is closed passes it on.</summary>
    internal abstract void Receive(Call call);
}
