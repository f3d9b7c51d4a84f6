using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace OrleansConcert.Api.Tests;

/// <summary>The built server as a process: what stops its start is said in one line.</summary>
public sealed class StartTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleans-concert-");

    public static TheoryData<string, string> WrongSettings => new()
    {
        { "--Concert:Storage:Kind=Paper", "Concert:Storage:Kind is 'Paper'; it must be Embedded or Postgres or Memory" },
        { "--Concert:Storage:Kind=Postgres", "ConnectionStrings:Concert is not set; it must be a database such as" },
        { "--Concert:Storage:Path=", "Concert:Storage:Path is ''" },
        { "--Concert:Limits:InFlight=0", "Concert:Limits:InFlight is '0'; it must be 1 to 1000000" },
        { "--Concert:Limits:Streams=0", "Concert:Limits:Streams is '0'; it must be 1 to 1000000" },
        { "--Concert:Limits:StreamsPerUser=some", "Concert:Limits:StreamsPerUser is 'some'; it must be 1 to 1000000" },
        { "--Concert:Limits:InFlight=many", "Concert:Limits:InFlight is 'many'; it must be 1 to 1000000" },
        { "--Concert:Access:AccessTokenLifetime=PT0S", "Concert:Access:AccessTokenLifetime is 'PT0S'; it must be PT1S to P30D" },
        { "--Concert:Access:AccessTokenLifetime=12h", "Concert:Access:AccessTokenLifetime is '12h'; it must be PT1S to P30D" },
        { "--Concert:Access:SigningKeys:0=c2hvcnQ=", "Concert:Access:SigningKeys" },
        { "--Concert:Access:SigningKeys:0=!", "Concert:Access:SigningKeys" },
        { "--Concert:Users:Registration=Maybe", "Concert:Users:Registration is 'Maybe'; it must be Open or Required" },
        { "--Concert:Demo=yes", "Concert:Demo is 'yes'; it must be true or false" },
        { "--Concert:KnownProxies:0=proxy", "Concert:KnownProxies is 'proxy'" },
        { "--Concert:Storage:Pth=x", "Concert:Storage:Pth is no setting; the nearest that there is: Concert:Storage:Path." },
        { "--concert:demos=true", "Concert:demos is no setting; the nearest that there is: Concert:Demo." },
        { "--Concert:KnownProxy:0=::1", "Concert:KnownProxy is no setting; the nearest that there is: Concert:KnownProxies." },
        { "--Concert:Access:OperatorKey=secret", "Concert:Access:OperatorKey is no setting; the nearest" },
        { "--urls=http://0.0.0.0:5080", "Concert:Access:OperatorKeys is not set" },
        { "--urls=nonsense", "ASPNETCORE_URLS is 'nonsense'" },
        { "--environment=Production", "Concert:Access:OperatorKeys is not set" },
        { "--environment=Production --Concert:Access:OperatorKeys:0=dev", "Concert:Access:OperatorKeys is 'dev'" },
        { "--Concert:Access:OperatorKeys:0=", "Concert:Access:OperatorKeys is ''" },
    };

    [Theory]
    [MemberData(nameof(WrongSettings))]
    public async Task A_wrong_setting_stops_the_start_with_its_name_value_and_bounds(string args, string line)
    {
        var (code, error) = await Run(args);
        Assert.Equal(1, code);
        Assert.Contains(line, Assert.Single(error), StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_of_the_contract_that_nothing_uses_yet_is_taken_and_told()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Concert:RateLimit:PerUser", "0")]).Build();
        var unused = new Hosting.SettingsReader(configuration, isDevelopment: true).Read().Unused;
        Assert.Equal("Concert:RateLimit:PerUser", Assert.Single(unused));
    }

    [Fact]
    public async Task A_store_in_use_stops_the_start()
    {
        await using var own = new Disposing(await Server.Start("--Concert:Storage:Kind=Embedded", $"--Concert:Storage:Path={_folder}"));
        var (code, error) = await Run($"--Concert:Storage:Path={_folder}");
        Assert.Equal(1, code);
        Assert.Contains(_folder.FullName, Assert.Single(error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_stops_the_start()
    {
        var port = FreePorts.Next();
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        var (code, error) = await Run($"--urls=http://127.0.0.1:{port}");
        Assert.Equal(1, code);
        Assert.Contains("address already in use", Assert.Single(error), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Starts the server and waits for its end; what it wrote to the standard error, by line.</summary>
    private async Task<(int Code, IReadOnlyList<string> Error)> Run(string args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _folder.FullName,
        };
        string[] defaults = ["--environment=Development", $"--urls=http://127.0.0.1:{FreePorts.Next()}"];
        foreach (var argument in (string[])[typeof(Hosting.ApiHost).Assembly.Location, .. defaults, .. args.Split(' ')])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = await process.StandardError.ReadToEndAsync(patience.Token);
            Assert.DoesNotContain("   at ", await output, StringComparison.Ordinal);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
