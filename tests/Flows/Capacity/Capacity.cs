namespace OrleansConcert.Flows.Capacity;

/// <summary>Document 001 on <c>capacity</c>: 50 are in at once, a freed place is filled at once, and who waits may look around.</summary>
public sealed partial class Capacity(Theatre theatre) : Flow(theatre, "capacity", TimeSpan.Zero, room: 50);
