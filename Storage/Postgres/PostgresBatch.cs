using System.Text;
using Npgsql;
using NpgsqlTypes;
using OrleansConcert.Storage.Writing;

namespace OrleansConcert.Storage.Postgres;

/// <summary>
/// What goes into one call of <c>concert.append</c>: of each stream one unbroken run of appends, of each key one answer. What fits in
/// no more waits for the next call.
/// </summary>
internal sealed class PostgresBatch
{
    /// <summary>So many appends go into one call at the most.</summary>
    public const int AppendsMax = 4_096;

    /// <summary>So many bytes go into one call, where it is not one append alone.</summary>
    public const long BytesMax = 4 << 20;

    /// <summary>Four of these fill a page, and none is so large that it is kept elsewhere.</summary>
    private const int RehearsalBytes = 1_900;
    private const int RehearsalEvents = 8;

    private const string Text =
        "select won from concert.append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17)";

    private readonly List<(Pending Pending, int Owner)> _members = [];
    private readonly Dictionary<string, int> _owners = new(StringComparer.Ordinal);
    private readonly HashSet<UInt128> _keys = [];
    private readonly List<string> _streams = [];
    private readonly List<long> _expected = [];
    private readonly List<long> _movedTo = [];
    private readonly List<bool> _unfinished = [];
    private readonly List<int> _entryOwners = [];
    private readonly List<string> _entryStreams = [];
    private readonly List<long?> _entryVersions = [];
    private readonly List<DateTime> _entryInstants = [];
    private readonly List<byte[]> _entryTexts = [];
    private readonly List<(int Owner, StoredAnswer Answer)> _answers = [];
    private long _bytes;

    /// <summary>What fits into no page that is there already, for a transaction that is rolled back.</summary>
    public static PostgresBatch Rehearsal()
    {
        var batch = new PostgresBatch();
        var text = Encoding.UTF8.GetBytes($"\"{new string('-', RehearsalBytes)}\"");
        batch.TryAdd(new(new()
        {
            Stream = "rehearsal",
            Head = 0,
            Events = [.. Enumerable.Repeat((ReadOnlyMemory<byte>)text, RehearsalEvents)],
            At = DateTimeOffset.UnixEpoch,
        }));
        return batch;
    }

    /// <summary>The latest instant of anything in it, in milliseconds since 1970.</summary>
    public long Latest { get; private set; }

    /// <summary>Every append in it, and the place of its stream, from 1; 0 where it moves none.</summary>
    public IReadOnlyList<(Pending Pending, int Owner)> Members => _members;

    public bool IsEmpty => _members.Count == 0;

    /// <summary>Takes it in; false where it has to wait for the next call, and so has all of its stream that comes after it.</summary>
    public bool TryAdd(Pending pending)
    {
        var append = pending.Append!;
        if (_members.Count > 0 && (_members.Count >= AppendsMax || _bytes + pending.Bytes > BytesMax)
            || (append.Answer is not null && _keys.Contains(pending.AnswerHash))
            || (append.Events.Count > 0 && _owners.TryGetValue(append.Stream, out var there) && _movedTo[there - 1] != append.Head))
        {
            return false;
        }

        _bytes += pending.Bytes;
        var owner = append.Events.Count == 0 ? 0 : OwnerOf(append);
        _members.Add((pending, owner));
        AddEntries(append, owner);
        if (append.Answer is { } answer)
        {
            _keys.Add(pending.AnswerHash);
            _answers.Add((owner, answer));
            Latest = Math.Max(Latest, answer.At.ToUnixTimeMilliseconds());
        }

        return true;
    }

    /// <summary>The call, on a connection.</summary>
    public NpgsqlCommand ToCommand(NpgsqlConnection connection, long lease)
    {
        var command = new NpgsqlCommand(Text, connection);
        var values = command.Parameters;
        values.Add(new() { NpgsqlDbType = NpgsqlDbType.Bigint, Value = lease });
        Add(values, NpgsqlDbType.Text, _streams.ToArray());
        Add(values, NpgsqlDbType.Bigint, _expected.ToArray());
        Add(values, NpgsqlDbType.Bigint, _movedTo.ToArray());
        Add(values, NpgsqlDbType.Boolean, _unfinished.ToArray());
        Add(values, NpgsqlDbType.Integer, _entryOwners.ToArray());
        Add(values, NpgsqlDbType.Text, _entryStreams.ToArray());
        Add(values, NpgsqlDbType.Bigint, _entryVersions.ToArray());
        Add(values, NpgsqlDbType.TimestampTz, _entryInstants.ToArray());
        Add(values, NpgsqlDbType.Bytea, _entryTexts.ToArray());
        Add(values, NpgsqlDbType.Integer, _answers.Select(each => each.Owner).ToArray());
        Add(values, NpgsqlDbType.Text, _answers.Select(each => each.Answer.Caller).ToArray());
        Add(values, NpgsqlDbType.Text, _answers.Select(each => each.Answer.Key).ToArray());
        Add(values, NpgsqlDbType.Bytea, _answers.Select(each => each.Answer.Fingerprint.ToArray()).ToArray());
        Add(values, NpgsqlDbType.Integer, _answers.Select(each => each.Answer.Status).ToArray());
        Add(values, NpgsqlDbType.Bytea, _answers.Select(each => each.Answer.Body.ToArray()).ToArray());
        Add(values, NpgsqlDbType.TimestampTz, _answers.Select(each => each.Answer.At.UtcDateTime).ToArray());
        return command;
    }

    private static void Add(NpgsqlParameterCollection values, NpgsqlDbType type, Array value) =>
        values.Add(new() { NpgsqlDbType = NpgsqlDbType.Array | type, Value = value });

    private int OwnerOf(Append append)
    {
        if (!_owners.TryGetValue(append.Stream, out var owner))
        {
            _streams.Add(append.Stream);
            _expected.Add(append.Head);
            _movedTo.Add(append.Head);
            _unfinished.Add(false);
            _owners.Add(append.Stream, owner = _streams.Count);
        }

        _movedTo[owner - 1] += append.Events.Count;
        _unfinished[owner - 1] = append.Unfinished;
        return owner;
    }

    private void AddEntries(Append append, int owner)
    {
        for (var index = 0; index < append.Events.Count; index++)
        {
            AddEntry(owner, append.Stream, append.Head + 1 + index, append, append.Events[index]);
        }

        foreach (var note in append.Notes)
        {
            AddEntry(owner, note.Stream, null, append, note.Text);
        }
    }

    private void AddEntry(int owner, string stream, long? version, Append append, ReadOnlyMemory<byte> text)
    {
        _entryOwners.Add(owner);
        _entryStreams.Add(stream);
        _entryVersions.Add(version);
        _entryInstants.Add(append.At.UtcDateTime);
        _entryTexts.Add(text.ToArray());
        Latest = Math.Max(Latest, append.At.ToUnixTimeMilliseconds());
    }
}
