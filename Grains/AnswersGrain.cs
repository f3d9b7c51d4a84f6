using Orleans.Concurrency;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>Looks answers up in the journal. Nobody waits for another's: there is nothing between them.</summary>
[StatelessWorker]
[Reentrant]
public sealed class AnswersGrain(IJournal journal, Clock clock) : Grain, IAnswersGrain
{
    /// <summary>The journal's day ends with its last write; the promise ends by the clock.</summary>
    public async Task<ReplayedAnswer?> Find(string caller, string key) =>
        await Try(() => journal.FindAnswer(caller, key)) is { } stored
        && clock.Now < Instant.From(stored.At) + StoredAnswer.Retention
            ? stored.ToReplayed()
            : null;

    public async Task<ReplayedAnswer?> Keep(Repeat repeat, int status, ImmutableArray<byte> body)
    {
        var answer = StoredAnswer.Of(repeat, status, body.AsMemory(), clock.Now);
        var result = await Try(() => journal.Append(
            new() { Stream = WireNames.Answers, Head = 0, Events = [], At = answer.At, Answer = answer }));
        return result.Existing?.ToReplayed();
    }

    private static async Task<T> Try<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (JournalException exception)
        {
            throw new UnavailableException("The journal can't answer now.", exception);
        }
    }
}
