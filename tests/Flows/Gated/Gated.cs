namespace OrleansConcert.Flows.Gated;

/// <summary>Document 000 on <c>gated</c>: users are checked, 50 get in every 10 s, and the wallet is behind the gate too.</summary>
public sealed partial class Gated(Theatre theatre) : Flow(theatre, "gated", Seconds(10), room: 0);
