namespace OrleansConcert.Simulation.Running;

/// <summary>What <c>make simulate</c> does around the worlds it plays.</summary>
public sealed class LongRunTests : IDisposable
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("simulation-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_run_goes_on_where_the_last_one_stopped()
    {
        Assert.Equal((0, "3 of 3 seeds"), Run("--seeds", "1..3", "--operations", "5"));
        Assert.Equal((0, "2 of 2 seeds"), Run("--seeds", "2..5", "--operations", "5"));
        Assert.Equal((0, "0 of 0 seeds"), Run("--seeds", "1..5", "--operations", "5"));
        Assert.Equal((0, "5 of 5 seeds"), Run("--seeds", "1..5", "--operations", "6"));
        Assert.Equal(["seeds 1..3", "seeds 4..5", "seeds 1..5"], File.ReadLines(Ledger).Select(line => line.Split("  ")[3]));
    }

    [Fact]
    public void A_line_of_the_ledger_that_was_cut_off_counts_for_nothing()
    {
        Run("--seeds", "1..2", "--operations", "5");
        File.WriteAllText(Ledger, File.ReadAllText(Ledger).Split(" every")[0]);
        Assert.Equal((0, "2 of 2 seeds"), Run("--seeds", "1..2", "--operations", "5"));
        Assert.Equal((0, "0 of 0 seeds"), Run("--seeds", "1..2", "--operations", "5"));
    }

    [Theory]
    [InlineData("--seeds FROM..TO is missing.")]
    [InlineData("--seeds FROM..TO is missing.", "--seeds")]
    [InlineData("--seeds 5..4: FROM..TO is two numbers from 0 to 2147483646, the greater one last.", "--seeds", "5..4")]
    [InlineData("--seeds -1: FROM..TO is two numbers from 0 to 2147483646, the greater one last.", "--seeds", "-1")]
    [InlineData("--operations 0: N is a number from 1 to 1000000.", "--seeds", "1", "--operations", "0")]
    [InlineData("--workers N is missing.", "--seeds", "1", "--workers")]
    [InlineData("There is no option --fast.", "--seeds", "1", "--fast")]
    public void Who_asks_wrongly_is_told_what_is_allowed(string told, params string[] arguments)
    {
        using var error = new StringWriter();
        Assert.Equal(2, LongRun.Run(arguments, TextWriter.Null, error));
        Assert.Equal([told, .. Asked.Usage.Split('\n')], error.ToString().TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void A_story_is_of_what_the_complaint_names()
    {
        var history = new History(TimeProvider.System);
        history.Asked("user3", "charge 5 under user3-12");
        history.Asked("user3", "charge 6 under user3-1");
        history.Add("--- kill");
        history.Asked("operator", "look at ticket 4");
        for (var later = 0; later < 60; later++)
        {
            history.Asked("operator", "put");
        }

        var story = history.Story("the key user3-12 was answered twice, as ticket 4 knows").Split('\n');
        Assert.Equal(
            ["user3 > charge 5 under user3-12", "--- kill", "operator > look at ticket 4"],
            story.Take(3).Select(line => line.TrimStart(' ', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9')));
        Assert.Equal(3 + 8 + 1, story.Length);
        Assert.Contains("charge 6", history.Story("user3 was charged twice"), StringComparison.Ordinal);
    }

    private string Ledger => Path.Combine(_folder.FullName, "ledger.txt");

    private (int Code, string Seeds) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        var code = LongRun.Run([.. arguments, "--ledger", Ledger], output, TextWriter.Null);
        var said = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        return (code, said.Split(',')[0]);
    }
}
