using OrleansConcert.Postgres;

namespace OrleansConcert.Repository.Tests.WalkThrough;

/// <summary>The demonstration in README.md is run as it stands there.</summary>
public sealed class WalkThroughTests : IDisposable
{
    private const string Port = "5080";

    private readonly string _folder = Directory.CreateTempSubdirectory("concert-walkthrough-").FullName;
    private readonly int _port = FreePorts.Next();

    private static SourceFile Readme => Checkout.File("README.md");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_readme_opens_with_the_two_commands_that_are_promised()
    {
        var commands = Markdown.Block(Readme, "sh").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('#')[0].Trim());

        Assert.Equal(["dotnet run --project Api", "dotnet test"], commands);
    }

    [Fact]
    public void Run_from_its_folder_the_server_is_in_development_where_the_readme_looks_for_it()
    {
        var launch = Checkout.File("Api/Properties/launchSettings.json").Text;

        Assert.Contains("\"ASPNETCORE_ENVIRONMENT\": \"Development\"", launch, StringComparison.Ordinal);
        Assert.Contains($"http://127.0.0.1:{Port}", launch, StringComparison.Ordinal);
        Assert.Contains($"api=http://127.0.0.1:{Port}", Markdown.Block(Readme, "sh walkthrough"), StringComparison.Ordinal);
    }

    [FactWithBash]
    public async Task The_walk_through_gives_the_output_that_is_shown_and_its_receipt_survives_a_kill()
    {
        var script = Markdown.Block(Readme, "sh walkthrough").Replace($":{Port}", $":{_port}", StringComparison.Ordinal);
        string output;
        using (var server = await Server.Start(_port, _folder))
        {
            output = await Shell.Run(script);
            server.Kill();
        }

        Assert.True(
            Masked(Markdown.Block(Readme, "json output")) == Masked(output),
            $"{Readme.Path}: the block marked ```json output must show what the walk-through answers now:\n{output}");

        using var again = await Server.Start(_port, _folder);
        var payments = await Shell.Run($"""
            access=$(curl -s http://127.0.0.1:{_port}/v1/access-tokens -H 'Operator-Key: dev' -H 'Content-Type: application/json' \
                -d '{Alice}' | grep -o '"accessToken":"[^"]*"' | cut -d'"' -f4)
            curl -s http://127.0.0.1:{_port}/v1/users/me/payments -H "Authorization: Bearer $access"
            """);
        var receipt = output.TrimEnd('\n').Split('\n')[^1];
        Assert.Contains(Regex.Match(receipt, "\"paymentId\":\"[^\"]+\"").Value, payments, StringComparison.Ordinal);
        Assert.Contains("\"seatId\":\"A-1-5\"", payments, StringComparison.Ordinal);
        Assert.Contains("\"seatId\":\"A-1-6\"", payments, StringComparison.Ordinal);
    }

    private static string Alice => "{\"userId\":\"alice\"}";

    /// <summary>What differs each time: the end of every id, and every instant.</summary>
    private static string Masked(string output) => Regex.Replace(
        Regex.Replace(output, @"\b(ent|(?:pay|rsv)\.[a-z0-9-]+)\.[A-Za-z0-9_-]{22}", "$1.*"),
        @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
        "<instant>");
}
