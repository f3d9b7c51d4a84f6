namespace OrleansConcert.Simulation.Running;

/// <summary>What the command line asks for.</summary>
internal sealed record Asked
{
    public const string Usage = """
        dotnet run -c Release --project tests/Simulation -- --seeds FROM..TO [options]
          --seeds FROM..TO    which seeds, from 0 to 2147483646; or one seed alone
          --operations N      how many operations each plays, from 1 to 1000000; 1000 unless given
          --workers N         how many worlds at a time, from 1 to 256; one a core unless given
          --finds N           how many broken seeds end the run, from 1 to 100000; 20 unless given
          --stop-at-first     ends the run at the first broken seed
          --ledger FILE       where finished ranges are kept; artifacts/simulation/ledger.txt unless given
          --fresh             plays seeds again that the ledger has of this very build
        """;

    public required SeedRange Seeds { get; init; }

    public int Operations { get; private set; } = 1_000;

    public int Workers { get; private set; } = Environment.ProcessorCount;

    public int Finds { get; private set; } = 20;

    public string Ledger { get; private set; } = Path.Combine("artifacts", "simulation", "ledger.txt");

    public bool Fresh { get; private set; }

    /// <exception cref="FormatException">It cannot be read; the message names what is allowed.</exception>
    public static Asked Read(IReadOnlyList<string> arguments)
    {
        var place = Enumerable.Range(0, arguments.Count).FirstOrDefault(place => arguments[place] == "--seeds", -1);
        var seeds = Value(arguments, place, "--seeds", "FROM..TO");
        var asked = new Asked
        {
            Seeds = SeedRange.TryParse(seeds)
                ?? throw new FormatException($"--seeds {seeds}: FROM..TO is two numbers from 0 to 2147483646, the greater one last."),
        };
        for (var at = 0; at < arguments.Count; at++)
        {
            at += asked.Take(arguments, at);
        }

        return asked;
    }

    /// <summary>Takes the option at a place and says how many values it has.</summary>
    private int Take(IReadOnlyList<string> arguments, int at)
    {
        switch (arguments[at])
        {
            case "--seeds":
                return 1;
            case "--operations":
                Operations = Number(arguments, at, 1_000_000);
                return 1;
            case "--workers":
                Workers = Number(arguments, at, 256);
                return 1;
            case "--finds":
                Finds = Number(arguments, at, 100_000);
                return 1;
            case "--ledger":
                Ledger = Value(arguments, at, "--ledger", "FILE");
                return 1;
            case "--stop-at-first":
                Finds = 1;
                return 0;
            case "--fresh":
                Fresh = true;
                return 0;
            default:
                throw new FormatException($"There is no option {arguments[at]}.");
        }
    }

    private static int Number(IReadOnlyList<string> arguments, int at, int most)
    {
        var text = Value(arguments, at, arguments[at], "N");
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw new FormatException($"{arguments[at]} {text}: N is a number from 1 to {most}.");
    }

    private static string Value(IReadOnlyList<string> arguments, int at, string option, string what) =>
        at >= 0 && at + 1 < arguments.Count ? arguments[at + 1] : throw new FormatException($"{option} {what} is missing.");
}
