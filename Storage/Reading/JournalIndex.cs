using System.Text;
using OrleansConcert.Storage.Format;

namespace OrleansConcert.Storage.Reading;

/// <summary>
/// What the journal knows without its disk, durable things only: the head of every stream, the answers of the last
/// 24 hours, the latest instant, the end of the log. The writer changes it, whole batches at a time; anybody reads.
/// </summary>
internal sealed class JournalIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StreamHead> _heads = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unfinished = new(StringComparer.Ordinal);
    private readonly AnswerIndex _answers = new();
    private long _latest;
    private long _end;

    /// <summary>The latest instant in the journal, in milliseconds since the Unix epoch.</summary>
    public long Latest
    {
        get
        {
            lock (_gate)
            {
                return _latest;
            }
        }
    }

    /// <summary>Where the durable log ends.</summary>
    public long End
    {
        get
        {
            lock (_gate)
            {
                return _end;
            }
        }
    }

    public StreamHead HeadOf(string stream)
    {
        lock (_gate)
        {
            return _heads.GetValueOrDefault(stream);
        }
    }

    /// <summary>In ordinal order.</summary>
    public IReadOnlyCollection<string> Unfinished()
    {
        lock (_gate)
        {
            return [.. _unfinished.Order(StringComparer.Ordinal)];
        }
    }

    public IReadOnlyList<long> FindAnswers(UInt128 hash)
    {
        lock (_gate)
        {
            return _answers.Find(hash);
        }
    }

    /// <summary>Takes in what a durable batch changed.</summary>
    public void Apply(IEnumerable<KeyValuePair<string, StreamHead>> heads, IEnumerable<PlacedAnswer> answers, long latest, long end)
    {
        lock (_gate)
        {
            foreach (var (stream, head) in heads)
            {
                Move(stream, head);
            }

            foreach (var answer in answers)
            {
                _answers.Add(answer.Hash, answer.At, answer.Position);
            }

            Reach(latest, end);
        }
    }

    /// <summary>Takes in the records of one frame at start; gives what is wrong with them, or null.</summary>
    public string? Replay(ReadOnlySpan<byte> records, long position, long end)
    {
        var latest = 0L;
        lock (_gate)
        {
            while (!records.IsEmpty)
            {
                if (!Record.TryRead(records, out var record))
                {
                    return "a record within a good frame is not one";
                }

                if (!Replay(record, position))
                {
                    return "an entry does not follow the one before it in its stream";
                }

                latest = Math.Max(latest, record.AtMilliseconds);
                records = records[record.TotalBytes..];
                position += record.TotalBytes;
            }

            Reach(latest, end);
        }

        return null;
    }

    private bool Replay(Record record, long position)
    {
        if (record.Kind == RecordKind.Answer)
        {
            var hash = AnswerIndex.HashOf(Encoding.UTF8.GetString(record.Name), Encoding.UTF8.GetString(record.Key));
            _answers.Add(hash, record.AtMilliseconds, position);
            return true;
        }

        Span<char> name = stackalloc char[record.Name.Length];
        name = name[..Encoding.UTF8.GetChars(record.Name, name)];
        var byName = _heads.GetAlternateLookup<ReadOnlySpan<char>>();
        byName.TryGetValue(name, out var stream, out var head);
        if (record.Version != head.Version + 1 || record.Previous != head.Position)
        {
            return false;
        }

        var unfinished = record.Kind == RecordKind.Event ? record.Unfinished : head.Unfinished;
        Move(stream ?? new string(name), new StreamHead(record.Version, position, unfinished));
        return true;
    }

    private void Move(string stream, StreamHead head)
    {
        _heads[stream] = head;
        if (head.Unfinished)
        {
            _unfinished.Add(stream);
        }
        else
        {
            _unfinished.Remove(stream);
        }
    }

    private void Reach(long latest, long end)
    {
        _latest = Math.Max(_latest, latest);
        _end = end;
        _answers.Forget(_latest);
    }
}

/// <summary>An answer that a batch put into the log.</summary>
internal readonly record struct PlacedAnswer(UInt128 Hash, long At, long Position);
