using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using OrleansConcert.Postgres;

namespace OrleansConcert.Faults;

/// <summary>The server as a process of its own, as an operator starts it.</summary>
internal sealed partial class Server : IAsyncDisposable
{
    private const int Sigterm = 15;
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private Server(Process process, int port)
    {
        _process = process;
        Port = port;
        Address = new($"http://127.0.0.1:{port}");
        process.OutputDataReceived += (_, line) => Note(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Note(_errors, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Port { get; }

    public Uri Address { get; }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    /// <summary>Starts it on a folder, with these settings over those of a development server without the demonstration.</summary>
    public static Server Launch(string folder, int port, params ReadOnlySpan<(string Name, string? Value)> settings) =>
        LaunchThrough([], folder, port, settings);

    /// <summary>Starts it on a database, whatever store the tests are run on.</summary>
    public static Server LaunchOn(string database, TemporaryFolder folder) =>
        Launch(folder.Store, FreePorts.Next(), ("Concert:Storage:Kind", "Postgres"), ("ConnectionStrings:Concert", database));

    /// <summary>As <see cref="LaunchOn"/>, and waits until it can serve.</summary>
    public static async Task<Server> StartOn(string database, TemporaryFolder folder)
    {
        var server = LaunchOn(database, folder);
        await server.Ready();
        return server;
    }

    /// <summary>As <see cref="Launch"/>, by a command that becomes the server.</summary>
    public static Server LaunchThrough(
        string[] command, string folder, int port, params ReadOnlySpan<(string Name, string? Value)> settings)
    {
        var start = Program(command, "Api");
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        start.Environment["Concert__Storage__Path"] = folder;
        start.Environment["Concert__Demo"] = "false";
        if (StoreOfTests.DatabaseFor(folder).GetAwaiter().GetResult() is { } database)
        {
            start.Environment["Concert__Storage__Kind"] = "Postgres";
            start.Environment["ConnectionStrings__Concert"] = database;
        }

        Set(start, settings);
        return new(new Process { StartInfo = start }, port);
    }

    /// <summary>Starts a silo of a cluster, which tells its health on that port.</summary>
    public static Server LaunchSilo(int port, params ReadOnlySpan<(string Name, string? Value)> settings)
    {
        var start = Program([], "Silo");
        Set(start, [("Concert:Management:Urls", $"http://127.0.0.1:{port}"), .. settings]);
        return new(new Process { StartInfo = start }, port);
    }

    /// <summary>Waits until it can serve.</summary>
    /// <exception cref="InvalidOperationException">It ended instead, or took too long.</exception>
    public async Task Ready()
    {
        using var http = new HttpClient { BaseAddress = Address };
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < StartPatience && !HasExited;)
        {
            try
            {
                using var answer = await http.GetAsync("/health/ready");
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or SocketException)
            {
                // Not listening yet.
            }

            await Task.Delay(LookAgain);
        }

        throw new InvalidOperationException($"The server did not become ready.\n{Errors}\n{Output}");
    }

    /// <summary>Whether it says that it is ready; null where it does not answer.</summary>
    public async Task<bool?> IsReady()
    {
        using var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await http.GetAsync("/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Ends it as a power cut does, as far as the process can tell.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, as an operator does.</summary>
    public void Terminate() => Assert.Equal(0, Signal(ProcessId, Sigterm));

    /// <summary>Stops it in the middle of whatever it does, as a machine that hangs.</summary>
    public void Freeze() => Assert.Equal(0, Signal(ProcessId, Sigstop));

    /// <summary>Lets it go on where it was frozen.</summary>
    public void GoOn() => Assert.Equal(0, Signal(ProcessId, Sigcont));

    /// <summary>Waits for its end and gives the exit code; null where it goes on.</summary>
    public async Task<int?> Exit(TimeSpan within)
    {
        using var patience = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
        {
            await Kill();
        }

        _process.Dispose();
    }

    /// <summary>Built beside these tests, for the same engine: <c>artifacts/ENGINE/bin/PROJECT/CONFIGURATION</c>.</summary>
    private static ProcessStartInfo Program(string[] command, string project)
    {
        var tests = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var folder = Path.Combine(tests.Parent!.Parent!.FullName, project, tests.Name);
        string[] words = [.. command, "dotnet", Path.Combine(folder, $"OrleansConcert.{project}.dll")];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var inherited in start.Environment.Keys.Where(IsOfTheServer).ToList())
        {
            start.Environment.Remove(inherited);
        }

        return start;
    }

    private static void Set(ProcessStartInfo start, ReadOnlySpan<(string Name, string? Value)> settings)
    {
        foreach (var (name, value) in settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
    }

    private static bool IsOfTheServer(string name) =>
        name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("DOTNET_ENVIRONMENT", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("Concert__", StringComparison.OrdinalIgnoreCase);

    private static void Note(StringBuilder text, string? line)
    {
        lock (text)
        {
            _ = line is null ? text : text.AppendLine(line);
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int processId, int signal);
}
