using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Storage;

namespace OrleansConcert.Storage.Providers;

/// <summary>
/// Small state of grains in the journal: the stream <c>state/[grain id]/[state name]</c>, one entry a write, whole states in
/// JSON. The ETag is the version of the entry, so the fence of the stream is the check of the ETag.
/// </summary>
public sealed class JournalGrainStorage(IJournal journal, TimeProvider time, JsonSerializerOptions? json = null) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (version, written) = await Newest<T>(StreamOf(stateName, grainId));
        var exists = written is { Cleared: false };
        grainState.State = (exists ? written!.State : Blank<T>())!;
        grainState.ETag = exists ? ETagOf(version) : null;
        grainState.RecordExists = exists;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var version = await Write(stateName, grainId, grainState.ETag, new Written<T>(grainState.State, Cleared: false));
        grainState.ETag = ETagOf(version);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (grainState.ETag is not null || await Exists<T>(StreamOf(stateName, grainId)))
        {
            await Write(stateName, grainId, grainState.ETag, new Written<T>(default, Cleared: true));
        }

        grainState.State = Blank<T>()!;
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private static string StreamOf(string stateName, GrainId grainId) => $"state/{grainId}/{stateName}";

    private static string ETagOf(long version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>What a grain finds where it has no record: Orleans leaves it to the storage to make one.</summary>
    private static T? Blank<T>() =>
        typeof(T).IsValueType || typeof(T).GetConstructor(Type.EmptyTypes) is null ? default : Activator.CreateInstance<T>();

    private async Task<long> Write<T>(string stateName, GrainId grainId, string? eTag, Written<T> written)
    {
        var stream = StreamOf(stateName, grainId);
        var head = await HeadFor<T>(stream, eTag);
        var append = new Append
        {
            Stream = stream,
            Head = head,
            Events = [JsonSerializer.SerializeToUtf8Bytes(written, json)],
            At = Instant.WholeMilliseconds(time.GetUtcNow()),
        };
        var outcome = (await journal.Append(append)).Outcome;
        if (outcome != AppendOutcome.Durable && (await journal.Load(stream)).Head == head)
        {
            // It is where it was thought to be: a write before failed, and the journal wanted it loaded before anything more of it.
            outcome = (await journal.Append(append)).Outcome;
        }

        return outcome == AppendOutcome.Durable ? head + 1 : throw Inconsistent(stream, stored: null, eTag);
    }

    /// <summary>The head that an ETag stands for. No ETag stands for no record: a new stream, or one that ends with a clearing.</summary>
    private async Task<long> HeadFor<T>(string stream, string? eTag)
    {
        if (eTag is not null)
        {
            return long.TryParse(eTag, NumberStyles.None, CultureInfo.InvariantCulture, out var head)
                ? head
                : throw Inconsistent(stream, stored: null, eTag);
        }

        var (version, newest) = await Newest<T>(stream);
        return newest is null or { Cleared: true } ? version : throw Inconsistent(stream, ETagOf(version), eTag);
    }

    private async Task<bool> Exists<T>(string stream) => (await Newest<T>(stream)).Written is { Cleared: false };

    private async Task<(long Version, Written<T>? Written)> Newest<T>(string stream)
    {
        var newest = await journal.ReadBackward(stream, long.MaxValue, 1);
        return newest.Count == 0 ? (0, null) : (newest[0].Version, JsonSerializer.Deserialize<Written<T>>(newest[0].Text.Span, json));
    }

    private static InconsistentStateException Inconsistent(string stream, string? stored, string? eTag) =>
        new($"'{stream}' was written by somebody else.", stored, eTag);

    /// <summary>The text of one entry: a state, or that there is none any more.</summary>
    private sealed record Written<T>(
        [property: JsonPropertyName("state")] T? State,
        [property: JsonPropertyName("cleared"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Cleared);
}
