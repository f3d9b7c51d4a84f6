namespace OrleansConcert.Repository.Tests.Deploy;

/// <summary>deploy/systemd.</summary>
public class SystemdTests
{
    private const int LongestStopSeconds = 10;

    /// <summary>What systemd 252 knows, of what a service like this one may want.</summary>
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["Unit"] = ["After", "Description", "Documentation", "StartLimitBurst", "StartLimitIntervalSec", "Wants"],
        ["Service"] =
        [
            "AmbientCapabilities", "CapabilityBoundingSet", "DynamicUser", "Environment", "EnvironmentFile", "ExecStart",
            "KillSignal", "LimitNOFILE", "LockPersonality", "MemoryMax", "NoNewPrivileges", "PrivateDevices", "PrivateTmp",
            "PrivateUsers", "ProtectClock", "ProtectControlGroups", "ProtectHome", "ProtectHostname", "ProtectKernelLogs",
            "ProtectKernelModules", "ProtectKernelTunables", "ProtectProc", "ProtectSystem", "RemoveIPC", "Restart",
            "RestartSec", "RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID",
            "StateDirectory", "StateDirectoryMode", "SystemCallArchitectures", "SystemCallErrorNumber", "SystemCallFilter",
            "TimeoutStopSec", "Type", "UMask", "WorkingDirectory",
        ],
        ["Install"] = ["WantedBy"],
    };

    private static readonly SourceFile Unit = Checkout.File("deploy/systemd/orleansconcert.service");

    [Fact]
    public void Every_key_of_the_unit_is_one_that_systemd_knows()
    {
        var section = "";

        Finding.None(Unit.Lines.Index().Where(line => line.Item is not ("" or ['#', ..])).Select(line =>
        {
            section = Regex.Match(line.Item, @"^\[(\w+)\]$") is { Success: true } heading ? heading.Groups[1].Value : section;
            return (line.Index, line.Item, Known: line.Item.StartsWith('[')
                ? Known.ContainsKey(section)
                : Known.GetValueOrDefault(section, []).Contains(line.Item.Split('=')[0]));
        }).Where(line => !line.Known).ToList().Select(line => new Finding(Unit.Path, line.Index + 1, $"[{section}] knows no {line.Item}")));
    }

    [Fact]
    public void The_server_is_started_again_whatever_it_fails_with_however_long_the_database_is_away()
    {
        Assert.Equal("on-failure", Value("Restart"));
        Assert.DoesNotContain("RestartPreventExitStatus", Unit.Text, StringComparison.Ordinal);
        Assert.Equal("0", Value("StartLimitIntervalSec"));
    }

    [Fact]
    public void The_server_has_more_time_to_stop_than_it_takes()
    {
        Assert.Equal("SIGTERM", Value("KillSignal"));
        Assert.True(int.Parse(Value("TimeoutStopSec"), System.Globalization.CultureInfo.InvariantCulture) > LongestStopSeconds);
    }

    [Fact]
    public void The_server_is_confined_to_its_state()
    {
        Assert.Equal("strict", Value("ProtectSystem"));
        Assert.Equal("yes", Value("NoNewPrivileges"));
        Assert.Equal("yes", Value("DynamicUser"));
        Assert.Equal("", Value("CapabilityBoundingSet"));
        Assert.Contains($"Concert__Storage__Path=%S/{Value("StateDirectory")}\n", Unit.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void There_is_an_example_of_its_settings() =>
        Assert.True(Checkout.Has($"deploy/systemd/{Path.GetFileName(Value("EnvironmentFile"))}.example"), Value("EnvironmentFile"));

    private static string Value(string key) =>
        Assert.Single(Unit.Lines, line => line.StartsWith(key + "=", StringComparison.Ordinal))[(key.Length + 1)..];
}
