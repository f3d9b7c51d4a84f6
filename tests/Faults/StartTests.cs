using OrleansConcert.Postgres;

namespace OrleansConcert.Faults;

/// <summary>Starts that must not succeed: each says why in one line, and exits with another code than 0.</summary>
public sealed class StartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_second_server_on_the_same_folder_is_refused_and_the_first_goes_on()
    {
        using var folder = new TemporaryFolder();
        await using var first = Server.Launch(folder.Store, FreePorts.Next());
        await first.Ready();

        await using var second = Server.Launch(folder.Store, FreePorts.Next());
        await Refused(second, folder.Store, $"process {first.ProcessId} has it");

        using var client = new Client(first.Address);
        await client.SignIn("alice");
    }

    [Fact]
    public async Task A_damaged_store_is_refused_and_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        await using (var server = Server.Launch(folder.Store, FreePorts.Next()))
        {
            await server.Ready();
            using var client = new Client(server.Address);
            var access = await client.SignIn("alice");
            for (var charge = 1; charge <= 20; charge++)
            {
                await client.Ask(new(HttpMethod.Post, "/v1/users/me/wallet/charges") { Access = access, Body = """{"amount":1}""" });
            }
        }

        var segment = Path.Combine(folder.Store, "segment-0000000001.log");
        var bytes = await File.ReadAllBytesAsync(segment);
        bytes[Array.FindLastIndex(bytes, one => one != 0) / 2] ^= 0x10;
        await File.WriteAllBytesAsync(segment, bytes);

        await using var again = Server.Launch(folder.Store, FreePorts.Next());
        await Refused(again, segment, "damaged at offset");
        Assert.Equal(bytes, await File.ReadAllBytesAsync(segment));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_refused()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "");
        await using var below = Server.Launch(Path.Combine(file, "store"), FreePorts.Next());
        await Refused(below, file);
        await using var itself = Server.Launch(file, FreePorts.Next());
        await Refused(itself, file);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_refused()
    {
        using var folder = new TemporaryFolder();
        var store = Directory.CreateDirectory(folder.Store).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(store, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        // Root may do everything, whatever a folder says, until it gives that up.
        string[] through = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search"]
            : [];
        await using var server = Server.LaunchThrough(through, store, FreePorts.Next());
        await Refused(server, store, "denied", "needs to write there");
        await using var below = Server.LaunchThrough(through, Path.Combine(store, "below"), FreePorts.Next());
        await Refused(below, store, "denied", "needs to write there");
    }

    [Fact]
    public async Task A_file_of_the_store_that_cannot_be_read_is_refused()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Store, "segment-0000000001.log"));
        await using var server = Server.Launch(folder.Store, FreePorts.Next());
        await Refused(server, folder.Store);
    }

    [Fact]
    public async Task A_busy_port_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var first = Server.Launch(folder.Store, FreePorts.Next());
        await first.Ready();
        await using var second = Server.Launch(Path.Combine(folder.Path, "other"), first.Port);
        await Refused(second, $"127.0.0.1:{first.Port}");
    }

    [Fact]
    public async Task An_address_of_another_machine_is_refused()
    {
        using var folder = new TemporaryFolder();
        var port = FreePorts.Next();
        await using var server = Server.Launch(
            folder.Store, port, ("ASPNETCORE_URLS", $"http://192.0.2.1:{port}"), ("Concert:Access:OperatorKeys:0", "a key of our own"));
        await Refused(server, "ASPNETCORE_URLS", "cannot be had");
    }

    [Theory]
    [InlineData("Concert:Storage:Kind", "Floppy", "Embedded")]
    [InlineData("Concert:Storage:Path", " ", "folder")]
    [InlineData("Concert:Access:OperatorKeys:0", "", "own")]
    [InlineData("Concert:Access:SigningKeys:0", "no base64", "base64")]
    [InlineData("Concert:Access:SigningKeys:0", "c2hvcnQ=", "32 bytes")]
    [InlineData("Concert:Access:AccessTokenLifetime", "PT0S", "PT1S to P30D")]
    [InlineData("Concert:Access:AccessTokenLifetime", "12 hours", "PT1S to P30D")]
    [InlineData("Concert:Limits:InFlight", "0", "1 to")]
    [InlineData("Concert:Limits:InFlight", "many", "1 to")]
    [InlineData("Concert:Users:Registration", "Maybe", "Required")]
    [InlineData("Concert:Demo", "perhaps", "true or false")]
    [InlineData("Concert:KnownProxies:0", "proxy", "IP")]
    [InlineData("ASPNETCORE_URLS", "nowhere", "http://127.0.0.1:5080")]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:99999", "http://127.0.0.1:5080")]
    [InlineData("ASPNETCORE_URLS", "ftp://127.0.0.1:5080", "http://127.0.0.1:5080")]
    [InlineData("ASPNETCORE_URLS", "https://127.0.0.1:5080", "http://127.0.0.1:5080")]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:5080/base", "http://127.0.0.1:5080")]
    public async Task A_wrong_setting_is_refused_with_its_name_and_what_is_allowed(string name, string value, string allowed)
    {
        using var folder = new TemporaryFolder();
        await using var server = Server.Launch(folder.Store, FreePorts.Next(), (name, value));
        await Refused(server, name.Replace(":0", "", StringComparison.Ordinal), allowed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("dev")]
    public async Task Outside_development_there_must_be_operator_keys_of_ones_own(string? key)
    {
        using var folder = new TemporaryFolder();
        await using var server = Server.Launch(
            folder.Store,
            FreePorts.Next(),
            ("ASPNETCORE_ENVIRONMENT", "Production"),
            ("Concert:Access:OperatorKeys:0", key));
        await Refused(server, "Concert:Access:OperatorKeys", "own");
    }

    /// <summary>It ended with an error, which it told in one line with these words.</summary>
    internal static async Task Refused(Server server, params string[] said)
    {
        var code = await server.Exit(Patience);
        Assert.True(code is not null and not 0, $"The exit code is {code}.\n{server.Errors}\n{server.Output}");
        var line = Assert.Single(server.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(said, part => Assert.Contains(part, line, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }
}
