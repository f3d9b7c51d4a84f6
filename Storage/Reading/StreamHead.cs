namespace OrleansConcert.Storage.Reading;

/// <summary>Where a stream stands: the version and position of its last entry, and whether it has unfinished work.</summary>
internal readonly record struct StreamHead(long Version, long Position, bool Unfinished);
