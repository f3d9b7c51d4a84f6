using System.Globalization;

namespace OrleansConcert.Domain.Tests;

/// <summary>
/// Random walks that can be walked again: each seed gives the same steps. A failure names seed and step; that seed alone is
/// walked with <c>CONCERT_WALK_SEED=seed</c>. <c>CONCERT_WALK_SEEDS=count</c> walks no more seeds than that.
/// </summary>
internal static class Walk
{
    private const string SeedVariable = "CONCERT_WALK_SEED";
    private const string SeedsVariable = "CONCERT_WALK_SEEDS";

    /// <summary>Walks <paramref name="steps"/> steps under each of <paramref name="seeds"/> seeds.</summary>
    /// <param name="start">Makes the walker of a seed; what it returns takes one step.</param>
    public static void Each(int seeds, int steps, Func<Random, Action> start)
    {
        var atMost = NumberIn(SeedsVariable) ?? seeds;
        var chosen = NumberIn(SeedVariable) is { } only ? [only] : Enumerable.Range(1, Math.Min(seeds, atMost));
        foreach (var seed in chosen)
        {
            var at = 0;
            try
            {
                var step = start(new Random(seed));
                for (at = 1; at <= steps; at++)
                {
                    step();
                }
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException(
                    $"Walk failed at step {at}; walk it again with {SeedVariable}={seed}. {failure.Message}", failure);
            }
        }
    }

    private static int? NumberIn(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    public static T Pick<T>(this Random random, params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

    /// <summary>True about once in <paramref name="times"/>.</summary>
    public static bool Once(this Random random, int times) => random.Next(times) == 0;
}
