namespace OrleansConcert.Flows.Classic;

/// <summary>Document 004 on <c>classic</c>: 50 get in every 10 s, each for 10 minutes, and only they are served.</summary>
public sealed partial class Classic(Theatre theatre) : Flow(theatre, "classic", Seconds(10), room: 0);
