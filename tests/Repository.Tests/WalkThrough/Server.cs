using System.Diagnostics;
using System.Text;

namespace OrleansConcert.Repository.Tests.WalkThrough;

/// <summary>The server as this build made it, a process of its own on loopback, in Development.</summary>
internal sealed class Server : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly CancellationTokenSource _ended = new(Patience);

    private Server(Process process) => _process = process;

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<Server> Start(int port, string folder)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Assembly()])
        {
            WorkingDirectory = Path.GetDirectoryName(Assembly())!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        start.Environment["Concert__Storage__Path"] = folder;
        var server = new Server(new Process { StartInfo = start, EnableRaisingEvents = true });
        await server.Begin($"http://127.0.0.1:{port}/health/ready");
        return server;
    }

    /// <summary>As <c>kill -9</c> does.</summary>
    public void Kill()
    {
        _process.Kill();
        Assert.True(_process.WaitForExit(Patience), "the killed server does not end");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
        _ended.Dispose();
    }

    private async Task Begin(string ready)
    {
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Exited += (_, _) => _ended.Cancel();
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            await BecomesReady(ready);
        }
        catch (Exception exception)
        {
            Dispose();
            throw new InvalidOperationException($"The server did not start ({exception.Message}); it said:\n{_said}", exception);
        }
    }

    /// <summary>Asks until it answers; given up when the process ends or patience does.</summary>
    private async Task BecomesReady(string ready)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await IsReady(client, ready, _ended.Token))
        {
            await again.WaitForNextTickAsync(_ended.Token);
        }
    }

    private static async Task<bool> IsReady(HttpClient client, string ready, CancellationToken ended)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(ready), ended);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Hear(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }
    }

    /// <summary>What this machine has set must not reach the server.</summary>
    private static bool IsSetting(string name) => Regex.IsMatch(
        name, "^(ASPNETCORE_|DOTNET_(ENVIRONMENT|URLS|CONTENTROOT)|Concert__|Kestrel__|Logging__|URLS$)", RegexOptions.IgnoreCase);

    /// <summary>The server's assembly of the same engine and configuration as these tests.</summary>
    private static string Assembly()
    {
        var mine = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var path = Path.Combine(mine.Parent!.Parent!.FullName, "Api", mine.Name, "OrleansConcert.Api.dll");
        Assert.True(File.Exists(path), $"{path} is not there: dotnet build Api with the same engine and configuration.");
        return path;
    }
}
