using System.Globalization;

namespace OrleansConcert.Domain.Tests;

/// <summary>
/// Random walks that can be walked again: each seed gives the same steps. A failure names seed and step; that seed alone is
/// walked with <c>CONCERT_WALK_SEED=seed</c>.
/// </summary>
internal static class Walk
{
    private const string SeedVariable = "CONCERT_WALK_SEED";

    /// <summary>Walks <paramref name="steps"/> steps under each of <paramref name="seeds"/> seeds.</summary>
    /// <param name="start">Makes the walker of a seed; what it returns takes one step.</param>
    public static void Each(int seeds, int steps, Func<Random, Action> start)
    {
        var only = Environment.GetEnvironmentVariable(SeedVariable);
        var chosen = only is null ? Enumerable.Range(1, seeds) : [int.Parse(only, CultureInfo.InvariantCulture)];
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

    public static T Pick<T>(this Random random, params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

    /// <summary>True about once in <paramref name="times"/>.</summary>
    public static bool Once(this Random random, int times) => random.Next(times) == 0;
}
