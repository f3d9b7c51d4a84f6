using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansConcert.Repository.Tests.WalkThrough;

/// <summary>The server as this build made it, a process of its own on loopback, in Development.</summary>
internal sealed class Server : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Server(Process process) => _process = process;

    /// <summary>Starts it and waits until it says that it serves.</summary>
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
        await server.Begin();
        return server;
    }

    /// <summary>A port that nobody has, below those that the system hands out by itself.</summary>
    public static int FreePort()
    {
        for (var port = 20_000 + (Environment.ProcessId % 10_000); port < 32_768; port++)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it; the next.
            }
        }

        throw new InvalidOperationException("No port from 20000 to 32767 is free.");
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
    }

    private async Task Begin()
    {
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Exited += (_, _) => _serving.TrySetException(new InvalidOperationException("it ended"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            await _serving.Task.WaitAsync(Patience);
        }
        catch (Exception exception)
        {
            Dispose();
            throw new InvalidOperationException($"The server did not start ({exception.Message}); it said:\n{_said}", exception);
        }
    }

    private void Hear(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }

        if (line?.Contains("Serving on", StringComparison.Ordinal) == true)
        {
            _serving.TrySetResult();
        }
    }

    /// <summary>What this machine has set must not reach the server.</summary>
    private static bool IsSetting(string name) =>
        Regex.IsMatch(name, "^(ASPNETCORE_|DOTNET_(ENVIRONMENT|URLS|CONTENTROOT)|Concert__|Kestrel__|Logging__|URLS$)", RegexOptions.IgnoreCase);

    /// <summary>The server's assembly of the same engine and configuration as these tests.</summary>
    private static string Assembly()
    {
        var mine = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var path = Path.Combine(mine.Parent!.Parent!.FullName, "Api", mine.Name, "OrleansConcert.Api.dll");
        Assert.True(File.Exists(path), $"{path} is not there: dotnet build Api with the same engine and configuration.");
        return path;
    }
}
