namespace OrleansConcert.Storage.Tests;

/// <summary>A caller's key has one answer within 24 hours, whatever the stream, the batch or the process.</summary>
public sealed class AnswerTests
{
    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task A_stored_answer_is_found_byte_for_byte(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        var fingerprint = Enumerable.Range(0, 32).Select(n => (byte)n).ToArray();
        var answer = new StoredAnswer("älice", "key-1", fingerprint, 201, new byte[2_000], Given.Noon);
        await journal.Append(Given.Event("schedule/a", 0, "held") with { Answer = answer });
        var found = await journal.FindAnswer("älice", "key-1");
        Assert.NotNull(found);
        Assert.Equal((answer.Caller, answer.Key, answer.Status, answer.At), (found.Caller, found.Key, found.Status, found.At));
        Assert.Equal(answer.Fingerprint.ToArray(), found.Fingerprint.ToArray());
        Assert.Equal(answer.Body.ToArray(), found.Body.ToArray());
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task Keys_of_different_callers_never_meet(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        await journal.Append(Given.OnlyAnswer(Given.Answer("alice", "key")));
        Assert.Null(await journal.FindAnswer("bob", "key"));
        Assert.Null(await journal.FindAnswer("alic", "ekey"));
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(Given.OnlyAnswer(Given.Answer("bob", "key")))).Outcome);
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task A_taken_key_gives_the_first_answer_and_writes_nothing(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        await journal.Append(Given.Event("schedule/a", 0, "held") with { Answer = Given.Answer("alice", "key", "first") });
        var again = await journal.Append(Given.Event("wallet/b", 0, "debited") with { Answer = Given.Answer("alice", "key", "second") });
        Assert.Equal(AppendOutcome.KeyTaken, again.Outcome);
        Assert.Equal("first", Given.TextOf(again.Existing!.Body));
        Assert.Empty(await journal.Texts("wallet/b"));
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task A_key_is_taken_after_a_restart(string store)
    {
        using var kept = await Stores.Of(store);
        await using (var journal = await kept.Open())
        {
            await journal.Append(Given.OnlyAnswer(Given.Answer("alice", "key", "first")));
        }

        await using var again = await kept.Open();
        Assert.Equal(AppendOutcome.KeyTaken, (await again.Append(Given.OnlyAnswer(Given.Answer("alice", "key")))).Outcome);
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task Of_many_with_one_key_at_once_one_wins(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        var all = await Task.WhenAll(Enumerable.Range(0, 500).Select(each =>
            journal.Append(Given.Event($"s/{each}", 0, "one") with { Answer = Given.Answer("alice", "key", $"{each}") })));
        Assert.Single(all, result => result.Outcome == AppendOutcome.Durable);
        Assert.Single(all.Select(result => result.Existing).OfType<StoredAnswer>().Select(answer => Given.TextOf(answer.Body)).Distinct());
        Assert.Single(await journal.All());
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task A_loser_loses_alone(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        await journal.Append(Given.OnlyAnswer(Given.Answer("alice", "taken")));
        var all = await Task.WhenAll(
            journal.Append(Given.Event("a", 0, "one", "two")),
            journal.Append(Given.Event("a", 0, "lost to one")),
            journal.Append(Given.Event("a", 2, "lost its key") with { Answer = Given.Answer("alice", "taken") }),
            journal.Append(Given.Event("b", 0, "one")));
        Assert.Equal(
            [AppendOutcome.Durable, AppendOutcome.HeadMoved, AppendOutcome.KeyTaken, AppendOutcome.Durable],
            all.Select(result => result.Outcome));
        Assert.Equal(["one", "two"], await journal.Texts("a"));
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(Given.Event("a", 2, "three"))).Outcome);
        Assert.Equal(["one", "two", "three"], await journal.Texts("a"));
    }

    [Fact]
    public async Task In_files_a_loser_loses_alone_in_its_stream_too()
    {
        using var folder = new TemporaryFolder();
        await using var journal = await FileJournal.Open(folder.Store);
        await journal.Append(Given.OnlyAnswer(Given.Answer("alice", "taken")));
        var all = await Task.WhenAll(
            journal.Append(Given.Event("a", 0, "one", "two")),
            journal.Append(Given.Event("a", 0, "lost to one")),
            journal.Append(Given.Event("a", 2, "lost its key") with { Answer = Given.Answer("alice", "taken") }),
            journal.Append(Given.Event("a", 2, "three")));
        Assert.Equal(
            [AppendOutcome.Durable, AppendOutcome.HeadMoved, AppendOutcome.KeyTaken, AppendOutcome.Durable],
            all.Select(result => result.Outcome));
        Assert.Equal(["one", "two", "three"], await journal.Texts("a"));
    }

    [Theory]
    [MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task An_answer_without_events_is_not_fenced(string store)
    {
        using var kept = await Stores.Of(store);
        await using var journal = await kept.Open();
        await journal.Append(Given.Event("schedule/any", 0, "one", "two"));
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(Given.OnlyAnswer(Given.Answer("alice", "key")))).Outcome);
        Assert.Equal(2, (await journal.Load("schedule/any")).Head);
    }

    [Fact]
    public void A_day_of_keys_is_all_that_the_index_keeps()
    {
        var index = new Reading.AnswerIndex();
        const long Second = 1_000;
        const long Hour = 3_600 * Second;
        for (var now = 0L; now < 72 * Hour; now += Second)
        {
            index.Add((UInt128)now, now, position: now);
            index.Forget(now);
            if (now % Hour == 0)
            {
                Assert.InRange(index.Count, Math.Min(now, 24 * Hour) / Second, 25 * Hour / Second);
                Assert.NotEmpty(index.Find((UInt128)Math.Max(0, now - (24 * Hour) + Second)));
            }
        }

        index.Forget(97 * Hour);
        Assert.Equal(0, index.Count);
    }

    [Theory]
    [MemberData(nameof(Stores.Restarted), MemberType = typeof(Stores))]
    public async Task An_answer_ends_after_exactly_24_hours(string store, bool restarted)
    {
        using var kept = await Stores.Of(store);
        var journal = await kept.Open();
        await journal.Append(Given.OnlyAnswer(Given.Answer("alice", "key", "first")));
        await journal.Append(Given.Event("a", 0, "later") with { At = Given.Noon.AddDays(1).AddMilliseconds(-1) });
        if (restarted)
        {
            await journal.DisposeAsync();
            journal = await kept.Open();
        }

        Assert.NotNull(await journal.FindAnswer("alice", "key"));
        await journal.Append(Given.Event("a", 1, "a day later") with { At = Given.Noon.AddDays(1) });
        Assert.Null(await journal.FindAnswer("alice", "key"));
        var renewed = Given.OnlyAnswer(Given.Answer("alice", "key", "second", Given.Noon.AddDays(1)));
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(renewed)).Outcome);
        Assert.Equal("second", Given.TextOf((await journal.FindAnswer("alice", "key"))!.Body));
        await journal.DisposeAsync();
    }
}
