namespace OrleansConcert.Flows.Requeue;

/// <summary>
/// Document 003 on <c>requeue</c>: joining again means standing at the end, a hold is confirmed before it is paid, and who is not
/// heard of for 5 minutes is out.
/// </summary>
public sealed partial class Requeue(Theatre theatre) : Flow(theatre, "requeue", Seconds(10), room: 50);
