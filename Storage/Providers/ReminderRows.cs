using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansConcert.Storage.Providers;

/// <summary>The rows of the reminder table, folded from the entries of its stream.</summary>
internal sealed class ReminderRows
{
    private readonly SortedDictionary<(string Grain, string Name), Row> _rows = [];

    /// <summary>The version of the last entry folded.</summary>
    public long Head { get; private set; }

    public static ReminderRows From(LoadedStream loaded)
    {
        var rows = new ReminderRows { Head = loaded.SnapshotVersion };
        foreach (var piece in loaded.SnapshotPieces)
        {
            var row = JsonSerializer.Deserialize<Row>(piece.Span)!;
            rows._rows[(row.Grain, row.Name)] = row;
        }

        foreach (var entry in loaded.Events)
        {
            rows.Fold(JsonSerializer.Deserialize<Change>(entry.Text.Span)!, entry.Version);
        }

        return rows;
    }

    public static byte[] TextOf(Change change) => JsonSerializer.SerializeToUtf8Bytes(change);

    public void Fold(Change change, long version)
    {
        Head = version;
        if (change.Put is { } put)
        {
            _rows[(put.Grain, put.Name)] = put with { ETag = version.ToString(CultureInfo.InvariantCulture) };
        }
        else if (change.Removed is { } removed)
        {
            _rows.Remove((removed.Grain, removed.Name));
        }
        else
        {
            _rows.Clear();
        }
    }

    public ReminderEntry? Find(GrainId grain, string name) => _rows.GetValueOrDefault((grain.ToString(), name))?.ToEntry();

    public ReminderTableData All() => new(_rows.Values.Select(row => row.ToEntry()));

    public ReminderTableData Of(GrainId grain)
    {
        var text = grain.ToString();
        return new ReminderTableData(_rows.Values.Where(row => row.Grain == text).Select(row => row.ToEntry()));
    }

    /// <summary>A piece of the snapshot for each row.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Pieces() =>
        [.. _rows.Values.Select(row => (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(row))];

    /// <summary>The text of one entry: one of the two, or neither where the table was cleared.</summary>
    internal sealed record Change(
        [property: JsonPropertyName("put"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Row? Put = null,
        [property: JsonPropertyName("removed"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Key? Removed = null);

    internal sealed record Key([property: JsonPropertyName("grain")] string Grain, [property: JsonPropertyName("name")] string Name);

    internal sealed record Row(
        [property: JsonPropertyName("grain")] string Grain,
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("startAt")] DateTime StartAt,
        [property: JsonPropertyName("period")] TimeSpan Period,
        [property: JsonPropertyName("etag"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ETag = null)
    {
        public ReminderEntry ToEntry() => new()
        {
            GrainId = GrainId.Parse(Grain),
            ReminderName = Name,
            StartAt = StartAt,
            Period = Period,
            ETag = ETag,
        };
    }
}
