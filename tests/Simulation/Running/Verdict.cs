namespace OrleansConcert.Simulation.Running;

/// <summary>What became of one seed.</summary>
/// <param name="Broken">What did not hold, how to see it again and what came before; null where everything held.</param>
/// <param name="Operations">How many were played, those of a second play included.</param>
internal sealed record Verdict(int Seed, long Operations, long Steps, string Digest, string? Broken)
{
    /// <summary>Plays a seed to its end.</summary>
    /// <param name="trace">Gets one line a step.</param>
    public static Verdict Of(int seed, int operations, TextWriter? trace = null) => Play(seed, operations, trace).Verdict;

    /// <summary>Plays a seed twice: both must take the same steps and tell the same story.</summary>
    public static Verdict OfTwice(int seed, int operations)
    {
        var (first, firstHistory) = Play(seed, operations, null);
        var (second, secondHistory) = Play(seed, operations, null);
        var (story, again) = (firstHistory.Lines, secondHistory.Lines);
        var apart = first.Digest == second.Digest && story.SequenceEqual(again)
            ? null
            : $"Seed {seed} was played twice and went two ways: {first.Steps} steps, {first.Digest}, and {second.Steps} steps, "
                + $"{second.Digest}\n{FirstApart(story, again)}\n{World.Again(seed, operations)}";
        return first with
        {
            Operations = first.Operations + second.Operations,
            Steps = first.Steps + second.Steps,
            Broken = first.Broken ?? apart,
        };
    }

    private static (Verdict Verdict, History History) Play(int seed, int operations, TextWriter? trace)
    {
        using var world = new World(seed, operations, trace);
        string? broken = null;
        try
        {
            world.Play();
        }
        catch (BrokenPromiseException promise)
        {
            broken = promise.Message;
        }

        return (new Verdict(seed, operations, world.Steps, world.Digest, broken), world.History);
    }

    private static string FirstApart(IReadOnlyList<string> story, IReadOnlyList<string> again)
    {
        var place = story.Zip(again).TakeWhile(both => both.First == both.Second).Count();
        return $"  line {place + 1} was {story.ElementAtOrDefault(place)}\n  and then {again.ElementAtOrDefault(place)}";
    }
}
