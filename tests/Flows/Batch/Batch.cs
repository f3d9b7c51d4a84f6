namespace OrleansConcert.Flows.Batch;

/// <summary>Document 002 on <c>batch</c>: once a minute the next 100 get in, each for 10 minutes.</summary>
public sealed partial class Batch(Theatre theatre) : Flow(theatre, "batch", Minutes(1), room: 0);
