using OrleansConcert.Storage.Format;
using OrleansConcert.Storage.Reading;

namespace OrleansConcert.Storage.Writing;

/// <summary>
/// An append on its way to the disk, and the task its caller waits on. Without an append it is a mark in the line: it
/// completes once everything handed in before it has its outcome.
/// </summary>
internal sealed class Pending
{
    private readonly TaskCompletionSource<AppendResult> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Fence? _fence;
    private readonly Lock _gate = new();
    private bool _isSettled;

    public Pending(Append? append, Fence? fence = null)
    {
        (Append, _fence) = (append, fence);
        if (append is not null)
        {
            Bytes = BytesOf(append);
            AnswerHash = append.Answer is { } answer ? AnswerIndex.HashOf(answer.Caller, answer.Key) : default;
        }
    }

    public Append? Append { get; }

    public Task<AppendResult> Task => _outcome.Task;

    /// <summary>At least what the append takes in a frame.</summary>
    public long Bytes { get; }

    public UInt128 AnswerHash { get; }

    /// <summary>When it was handed in, by the time provider's own count.</summary>
    public long Since { get; set; }

    /// <summary>Nobody is told anything yet, but it will not be that this is durable.</summary>
    public void Bar() => _fence?.Raise(Append);

    /// <summary>The first outcome is the one that is told.</summary>
    public void Tell(AppendResult result)
    {
        if (IsFirst(isDurable: result.Outcome == AppendOutcome.Durable))
        {
            _outcome.SetResult(result);
        }
    }

    public void Refuse(string why, Exception? inner = null) => Fail(new(why, nothingWritten: true, inner));

    public void Doubt(string why, Exception? inner = null) => Fail(new(why, nothingWritten: false, inner));

    private void Fail(JournalException exception)
    {
        if (IsFirst(isDurable: false))
        {
            _outcome.SetException(exception);
        }
    }

    /// <summary>The bar is raised by the first, and whoever comes second finds it: the writer goes on to what comes after this.</summary>
    private bool IsFirst(bool isDurable)
    {
        lock (_gate)
        {
            if (_isSettled)
            {
                return false;
            }

            if (!isDurable)
            {
                Bar();
            }

            return _isSettled = true;
        }
    }

    private static long BytesOf(Append append)
    {
        var bytes = 0L;
        foreach (var text in append.Events)
        {
            bytes += EntryBytes(append.Stream, text);
        }

        foreach (var note in append.Notes)
        {
            bytes += EntryBytes(note.Stream, note.Text);
        }

        return append.Answer is { } answer
            ? bytes + Record.HeaderBytes + Record.FingerprintBytes + Utf8(answer.Caller) + Utf8(answer.Key) + answer.Body.Length
            : bytes;
    }

    private static long EntryBytes(string stream, ReadOnlyMemory<byte> text) => Record.HeaderBytes + Utf8(stream) + text.Length;

    /// <summary>At most; counting exactly is the writing itself.</summary>
    private static int Utf8(string text) => 3 * text.Length;
}
