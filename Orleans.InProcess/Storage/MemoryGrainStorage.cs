using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Storage;

/// <summary>Keeps records in memory for as long as the host lives. For tests.</summary>
internal sealed class MemoryGrainStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string Name, GrainId Grain), Record> _records = new();
    private long _lastVersion;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var found = _records.TryGetValue((stateName, grainId), out var record);
        grainState.State = found ? Copier<T>.Copy((T)record!.State!) : default;
        grainState.ETag = record?.Version;
        grainState.RecordExists = found;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        var record = new Record(
            grainState.State is null ? null : Copier<T>.Copy(grainState.State),
            Interlocked.Increment(ref _lastVersion).ToString(CultureInfo.InvariantCulture));
        var seen = _records.GetValueOrDefault(key);
        var isWritten = seen?.Version == grainState.ETag
            && (seen is null ? _records.TryAdd(key, record) : _records.TryUpdate(key, record, seen));
        if (!isWritten)
        {
            return Task.FromException(Conflict(key, grainState.ETag));
        }

        grainState.ETag = record.Version;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        var seen = _records.GetValueOrDefault(key);
        var isCleared = seen is null
            ? grainState.ETag is null
            : seen.Version == grainState.ETag && _records.TryRemove(KeyValuePair.Create(key, seen));
        if (!isCleared)
        {
            return Task.FromException(Conflict(key, grainState.ETag));
        }

        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private InconsistentStateException Conflict((string Name, GrainId Grain) key, string? current) => new(
        $"{key.Name} of {key.Grain} was written by someone else.", _records.GetValueOrDefault(key)?.Version, current);

    private sealed class Record(object? state, string version)
    {
        internal object? State { get; } = state;

        internal string Version { get; } = version;
    }
}
