namespace OrleansConcert.Simulation;

/// <summary>Ids in the order in which they are asked for, over all processes of a world.</summary>
internal sealed class SeededIds : IIdSource
{
    private uint _last;

    public string NextSecret() => (++_last).ToString("x22", CultureInfo.InvariantCulture);

    public uint NextNonce() => ++_last;
}
