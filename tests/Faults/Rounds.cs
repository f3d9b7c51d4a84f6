using System.Globalization;

namespace OrleansConcert.Faults;

/// <summary>What whoever runs the tests sets: few rounds in the gate, many by <c>make faults</c>; a seed seen before.</summary>
internal static class Rounds
{
    /// <summary>How often, by an environment variable; without it, as often as the gate has time for.</summary>
    public static int Of(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>The seed to repeat (<c>SEED</c>), or another each time.</summary>
    public static int Seed() => Of("SEED", Environment.TickCount & int.MaxValue);

    /// <summary>Says how far a long run is, at once and past the test's own output, which only comes at the end.</summary>
    public static void Progress(string line) => Console.WriteLine(line);
}
