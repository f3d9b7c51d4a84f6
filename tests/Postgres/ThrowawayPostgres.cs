using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;

namespace OrleansConcert.Postgres;

/// <summary>How a server is told to stop: connections are ended and all is written, or all is left as it is.</summary>
public enum Shutdown
{
    Fast,
    Immediate,
}

/// <summary>
/// A PostgreSQL server of the test's own, as durable as an operator's, on a free port of the loopback; gone with its folder when it is
/// disposed of or the tests' process ends. What is not said here is set by <c>ALTER SYSTEM</c>. One thread at a time.
/// </summary>
public sealed partial class ThrowawayPostgres : IAsyncDisposable
{
    private const int Ports = 5;
    private const string AcceptsConnections = "database system is ready to accept connections";
    private const string Settings = """

        listen_addresses = '127.0.0.1'
        unix_socket_directories = ''
        shared_buffers = 32MB
        max_connections = 200
        timezone = 'UTC'
        log_timezone = 'UTC'

        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Installation _installation;
    private readonly string _folder;
    private readonly Process _clearer;
    private readonly StringBuilder _log = new();
    private TaskCompletionSource _accepts = new();
    private Process? _postmaster;
    private int _port;

    private ThrowawayPostgres(Installation installation, string folder)
    {
        _installation = installation;
        _folder = folder;
        _clearer = Process.Start(Installation.Script("clear", folder))!;
        File.AppendAllText(Path.Combine(Data, "postgresql.conf"), Settings);
    }

    /// <summary>Why there can be none here; null where there can. In the gate there must.</summary>
    public static string? WhyNot =>
        Installation.Here is not null || Environment.GetEnvironmentVariable("CI") == "true" ? null
        : "PostgreSQL is not installed (Debian: apt-get install postgresql), or this is not Linux";

    /// <summary>For Npgsql, of the superuser and the database <c>postgres</c>. It is the same after every new start.</summary>
    public string ConnectionString => ConnectionTo("postgres");

    /// <summary>What the server has said since its first start.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Whether it has ended by itself: nothing of it runs, and it is to be started again.</summary>
    public bool HasEnded => _postmaster is { HasExited: true };

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Starts a new one, empty; null for <see cref="WhyNot"/>.</summary>
    /// <param name="within">Where its folder is made, and that of which the next one there is a copy: 80 MB, which the users of this
    /// machine may enter; the system's temporary folder where it is not named.</param>
    /// <exception cref="InvalidOperationException">It does not start, or there is none in the gate.</exception>
    public static async Task<ThrowawayPostgres?> StartAsync(string? within = null)
    {
        if (WhyNot is not null)
        {
            return null;
        }

        var installation = Installation.Here ?? throw new InvalidOperationException("PostgreSQL is not installed.");
        var server = new ThrowawayPostgres(installation, await installation.NewFolder(within ?? Path.GetTempPath()));
        for (var left = Ports; ; left--)
        {
            try
            {
                server._port = FreePorts.Next();
                await server.StartAgainAsync();
                return server;
            }
            catch (InvalidOperationException) when (left > 1 && server.Log.Contains("could not bind", StringComparison.Ordinal))
            {
                // Somebody was faster to take that port.
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Makes a database and gives the connection string to it.</summary>
    public async Task<string> NewDatabaseAsync(string name)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString + ";Pooling=false");
        await using var command = source.CreateCommand($"CREATE DATABASE \"{name}\"");
        await command.ExecuteNonQueryAsync();
        return ConnectionTo(name);
    }

    /// <summary>Starts it on what it left, and waits until it accepts connections.</summary>
    /// <exception cref="InvalidOperationException">It ended instead.</exception>
    public async Task StartAgainAsync()
    {
        var port = _port.ToString(CultureInfo.InvariantCulture);
        _accepts = NewSignal();
        _postmaster = new() { StartInfo = _installation.Server("-D", Data, "-p", port) };
        _postmaster.OutputDataReceived += (_, line) => Note(line.Data);
        _postmaster.ErrorDataReceived += (_, line) => Note(line.Data);
        _postmaster.Start();
        _postmaster.StandardInput.Close();
        _postmaster.BeginOutputReadLine();
        _postmaster.BeginErrorReadLine();

        var ended = _postmaster.WaitForExitAsync();
        if (await Task.WhenAny(_accepts.Task, ended).WaitAsync(Patience) == ended)
        {
            throw new InvalidOperationException($"PostgreSQL did not start.\n{Log}");
        }
    }

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async Task StopAsync(Shutdown how = Shutdown.Fast)
    {
        Send(how == Shutdown.Fast ? Sigint : Sigquit, Postmaster);
        await Ended();
    }

    /// <summary>Stops it and starts it on what it left.</summary>
    public async Task RestartAsync(Shutdown how = Shutdown.Fast)
    {
        await StopAsync(how);
        await StartAgainAsync();
    }

    /// <summary>Ends all its processes at once, as a power cut does as far as they can tell, and waits until they are gone.</summary>
    public async Task KillAsync()
    {
        Freeze();
        Send(Sigkill, Processes());
        await Ended();
    }

    /// <summary>
    /// Ends the processes that serve connections by <c>kill -9</c>, whereupon the server ends the others and recovers by itself, and waits
    /// until it accepts connections again. The gentle way is <c>pg_terminate_backend</c>.
    /// </summary>
    public async Task KillBackendsAsync()
    {
        Freeze();
        var backends = Processes().Where(ServesConnection).ToArray();
        _accepts = NewSignal();
        Send(Sigkill, backends);
        Thaw();
        if (backends.Length > 0)
        {
            await _accepts.Task.WaitAsync(Patience);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _clearer.StandardInput.Close();
        await _clearer.WaitForExitAsync().WaitAsync(Patience);
        _clearer.Dispose();
        _postmaster?.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Password => File.ReadAllText(Path.Combine(_folder, "password")).Trim();

    /// <summary>For Npgsql, of the superuser and a database that is there.</summary>
    public string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = "postgres",
        Password = Password,
        Database = database,
    }.ConnectionString;

    /// <summary>Every process of the server writes to the same pipe: its end is the end of the last of them.</summary>
    private async Task Ended()
    {
        await _postmaster!.WaitForExitAsync().WaitAsync(Patience);
        _postmaster.Dispose();
        _postmaster = null;
    }

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            _log.AppendLine(line);
        }

        if (line.Contains(AcceptsConnections, StringComparison.Ordinal))
        {
            _accepts.TrySetResult();
        }
    }
}
