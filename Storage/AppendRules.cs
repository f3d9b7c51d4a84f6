using OrleansConcert.Storage.Format;
using OrleansConcert.Storage.Writing;

namespace OrleansConcert.Storage;

/// <summary>What an append must be, whatever the journal holds. Breaking one is the caller's mistake, not an outcome.</summary>
internal static class AppendRules
{
    private const int StreamLengthMax = 200;
    private const int KeyLengthMax = 255;
    private const int CallerLengthMax = 1_000;

    public static void Check(Append append)
    {
        CheckStream(append.Stream);
        CheckInstant(append.At);
        Require(append.Head >= 0, "A head is at least 0.");
        Require(append.Events.Count + append.Notes.Count > 0 || append.Answer is not null, "An append has something to write.");
        foreach (var note in append.Notes)
        {
            CheckStream(note.Stream);
        }

        if (append.Answer is { } answer)
        {
            CheckInstant(answer.At);
            Require(answer.Caller.Length <= CallerLengthMax, "A caller has at most 1,000 characters.");
            Require(answer.Key.Length is >= 1 and <= KeyLengthMax, "A key has 1 to 255 characters.");
            Require(answer.Fingerprint.Length == Record.FingerprintBytes, "A fingerprint has 32 bytes.");
        }
    }

    /// <summary>Whether it fits into one write.</summary>
    public static void CheckSize(long bytes) =>
        Require(bytes <= JournalWriter.BatchBytesMax, "An append has at most 16 MiB.");

    private static void CheckStream(string stream) =>
        Require(stream.Length is >= 1 and <= StreamLengthMax, "A stream's name has 1 to 200 characters.");

    private static void CheckInstant(DateTimeOffset at) => Require(
        at >= DateTimeOffset.UnixEpoch && at.Ticks % TimeSpan.TicksPerMillisecond == 0,
        "An instant is in whole milliseconds, from 1970 on.");

    public static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException(rule);
        }
    }
}
