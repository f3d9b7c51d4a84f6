using System.Diagnostics;
using System.Globalization;
using OrleansConcert.Postgres;

namespace OrleansConcert.Bench;

/// <summary>The server as a process of its own, on a folder, as an operator runs it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>How much of the machine's memory it has, in bytes.</summary>
    public long Resident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>How much processor time it has used.</summary>
    public TimeSpan Used
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<ServerProcess> Start(
        string folder, string signingKey, params IEnumerable<(string Name, string Value)> settings)
    {
        var port = FreePorts.Next();
        var bin = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var api = Path.Combine(bin.Parent!.Parent!.FullName, "Api", bin.Name);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(api, "OrleansConcert.Api.dll")])
        {
            WorkingDirectory = api,
            RedirectStandardOutput = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        start.Environment["Concert__Storage__Path"] = folder;
        start.Environment["Concert__Demo"] = "false";
        start.Environment["Concert__Access__SigningKeys__0"] = signingKey;
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        while (!await IsReady(http))
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The server exited with {process.ExitCode}.");
            }

            await Task.Delay(20);
        }

        return new(process, port);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<bool> IsReady(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync("/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
