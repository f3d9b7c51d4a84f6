using System.Text;

namespace OrleansConcert.Storage.Tests;

/// <summary>Short words for what the tests hand in.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Noon = ManualTime.Noon;

    public static ReadOnlyMemory<byte> Text(string text) => Encoding.UTF8.GetBytes(text);

    public static string TextOf(ReadOnlyMemory<byte> text) => Encoding.UTF8.GetString(text.Span);

    public static Append Event(string stream, long head, params string[] texts) => new()
    {
        Stream = stream,
        Head = head,
        Events = [.. texts.Select(Text)],
        At = Noon,
    };

    public static StoredAnswer Answer(string caller, string key, string body = "{}", DateTimeOffset? at = null) =>
        new(caller, key, new byte[32], 200, Text(body), at ?? Noon);

    public static Append OnlyAnswer(StoredAnswer answer) => new()
    {
        Stream = "schedule/any",
        Head = 0,
        Events = [],
        At = answer.At,
        Answer = answer,
    };

    public static async Task<string[]> Texts(this IJournal journal, string stream) =>
        [.. (await journal.Load(stream)).Events.Select(entry => TextOf(entry.Text))];

    public static async Task<List<JournalEntry>> All(this IJournal journal)
    {
        var entries = new List<JournalEntry>();
        await foreach (var entry in journal.ReadAll(CancellationToken.None))
        {
            entries.Add(entry);
        }

        return entries;
    }
}
