using OrleansConcert.Storage.Format;
using OrleansConcert.Storage.Reading;
using OrleansConcert.Storage.Segments;

namespace OrleansConcert.Storage.Writing;

/// <summary>
/// One batch in the making. Judges appends in the order they came, each against the durable journal and the winners
/// before it; losers lose alone. Nobody is told anything before <see cref="Complete"/> or <see cref="Fail"/>.
/// </summary>
internal sealed class BatchDraft(JournalIndex index, JournalReader reader)
{
    private readonly Dictionary<string, StreamHead> _heads = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, StoredAnswer> _answers = [];
    private readonly List<PlacedAnswer> _placed = [];
    private readonly List<Pending> _winners = [];
    private readonly List<Loser> _losers = [];
    private byte[] _frame = new byte[64 << 10];
    private int _length;
    private long _position;
    private long _latest;

    /// <summary>Whether there is anything to write.</summary>
    public bool HasRecords => _length > Frame.HeaderBytes;

    /// <summary>Appends that win once the frame is durable.</summary>
    public int Winners => _winners.Count;

    /// <summary>Begins a batch of at most so many bytes whose frame will be at a position.</summary>
    public void Begin(long position, int bytesMax)
    {
        _heads.Clear();
        _answers.Clear();
        _placed.Clear();
        _winners.Clear();
        _losers.Clear();
        _position = position;
        _length = Frame.HeaderBytes;
        _latest = index.Latest;
        if (_frame.Length < Frame.Total(bytesMax))
        {
            _frame = new byte[Frame.Total(bytesMax)];
        }
    }

    public async ValueTask Judge(Pending pending)
    {
        if (pending.Append is not { } append)
        {
            _losers.Add(new Loser(pending, default, AgainstWinner: false));
            return;
        }

        if (append.Answer is { } answer && await Existing(pending, answer) is { } loser)
        {
            _losers.Add(loser);
            return;
        }

        if (append.Events.Count > 0 && HeadOf(append.Stream).Version != append.Head)
        {
            _losers.Add(new Loser(pending, new AppendResult(AppendOutcome.HeadMoved), _heads.ContainsKey(append.Stream)));
            return;
        }

        Add(pending, append);
    }

    /// <summary>The bytes of the whole frame.</summary>
    public ReadOnlyMemory<byte> Finish(ulong sequence)
    {
        var records = _length - Frame.HeaderBytes;
        var total = Frame.Total(records);
        Frame.Complete(_frame.AsSpan(0, total), FrameKind.Batch, sequence, records, Position.Offset(_position));
        return _frame.AsMemory(0, total);
    }

    /// <summary>The frame is durable up to <paramref name="end"/>: makes it visible, then tells everybody.</summary>
    public void Complete(long end)
    {
        if (HasRecords)
        {
            index.Apply(_heads, _placed, _latest, end);
        }

        foreach (var winner in _winners)
        {
            winner.Tell(new AppendResult(AppendOutcome.Durable));
        }

        foreach (var loser in _losers)
        {
            loser.Pending.Tell(loser.Result);
        }
    }

    /// <summary>Nobody knows about the winners; whoever lost against one of them lost against nobody certain.</summary>
    public void Fail(Exception why)
    {
        foreach (var winner in _winners)
        {
            winner.Doubt("The journal could not be written; nobody knows what of it is on disk.", why);
        }

        foreach (var loser in _losers)
        {
            if (loser.AgainstWinner)
            {
                loser.Pending.Refuse("The journal could not be written.", why);
            }
            else
            {
                loser.Pending.Tell(loser.Result);
            }
        }
    }

    private async ValueTask<Loser?> Existing(Pending pending, StoredAnswer answer)
    {
        var now = Math.Max(_latest, Math.Max(Milliseconds(answer.At), Milliseconds(pending.Append!.At)));
        if (_answers.TryGetValue(pending.AnswerHash, out var staged) && AnswerIndex.IsLive(Milliseconds(staged.At), now))
        {
            return new Loser(pending, new AppendResult(AppendOutcome.KeyTaken, staged), AgainstWinner: true);
        }

        return await reader.FindAnswer(answer.Caller, answer.Key, pending.AnswerHash, now) is { } stored
            ? new Loser(pending, new AppendResult(AppendOutcome.KeyTaken, stored), AgainstWinner: false)
            : null;
    }

    private void Add(Pending pending, Append append)
    {
        var at = Milliseconds(append.At);
        foreach (var text in append.Events)
        {
            AddEntry(RecordKind.Event, append.Stream, at, append.Unfinished, text);
        }

        foreach (var note in append.Notes)
        {
            AddEntry(RecordKind.Note, note.Stream, at, HeadOf(note.Stream).Unfinished, note.Text);
        }

        if (append.Answer is { } answer)
        {
            _placed.Add(new PlacedAnswer(pending.AnswerHash, Milliseconds(answer.At), _position + _length));
            _answers[pending.AnswerHash] = answer;
            _latest = Math.Max(_latest, Milliseconds(answer.At));
            _length += Record.WriteAnswer(_frame.AsSpan(_length), answer);
        }

        _latest = HasRecords ? Math.Max(_latest, at) : _latest;
        _winners.Add(pending);
    }

    private void AddEntry(RecordKind kind, string stream, long at, bool unfinished, ReadOnlyMemory<byte> text)
    {
        var head = HeadOf(stream);
        var next = new StreamHead(head.Version + 1, _position + _length, unfinished);
        _length += Record.WriteEntry(_frame.AsSpan(_length), kind, unfinished, stream, next.Version, at, head.Position, text.Span);
        _heads[stream] = next;
    }

    private StreamHead HeadOf(string stream) => _heads.TryGetValue(stream, out var staged) ? staged : index.HeadOf(stream);

    private static long Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    private readonly record struct Loser(Pending Pending, AppendResult Result, bool AgainstWinner);
}
