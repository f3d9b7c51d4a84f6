using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using OrleansConcert.Domain;
using OrleansConcert.Domain.Access;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Silo;

/// <summary>The signing key that is made at the first start and kept in the store, so that tokens survive a restart.</summary>
internal static class SigningKeys
{
    /// <summary>Where it is kept.</summary>
    public const string Stream = "keys";

    private const int MostTries = 5;

    /// <summary>The configured keys, else those in the store, else a new one, stored before it is used.</summary>
    public static async Task<KeyRing> Open(IJournal journal, ImmutableArray<byte[]> configured, TimeProvider time)
    {
        if (!configured.IsEmpty)
        {
            return new(configured);
        }

        for (var tries = 1; ; tries++)
        {
            try
            {
                return await Kept(journal, time);
            }
            catch (JournalException) when (tries < MostTries)
            {
                // A store that is slow at its start is asked again; what was written of a key, if anything, is found then.
            }
        }
    }

    /// <summary>The key that is kept there, or null where none was made yet.</summary>
    public static KeyRing? In(LoadedStream stored) =>
        stored.Events is [.., var newest] ? new([JsonSerializer.Deserialize<byte[]>(newest.Text.Span)!]) : null;

    private static async Task<KeyRing> Kept(IJournal journal, TimeProvider time)
    {
        if (In(await journal.Load(Stream)) is { } keys)
        {
            return keys;
        }

        var key = RandomNumberGenerator.GetBytes(KeyRing.MinKeyBytes);
        var text = JsonSerializer.SerializeToUtf8Bytes(key);
        var kept = await journal.Append(
            new() { Stream = Stream, Head = 0, Events = [text], At = Instant.From(time.GetUtcNow()).ToDateTimeOffset() });
        return kept.Outcome == AppendOutcome.Durable
            ? new([key])
            : throw new JournalException("Another server has made a key just now.", nothingWritten: true);
    }
}
