using OrleansConcert.Postgres;

namespace OrleansConcert.Faults.Repeats;

/// <summary>A server on one folder, started again whenever it is stopped or killed. Whoever calls meanwhile waits.</summary>
internal sealed class Site(string folder) : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    private readonly List<Client> _clients = [];
    private Server? _server;
    private TaskCompletionSource<Client> _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _generation;

    /// <summary>How often it was started.</summary>
    public int Generation => Volatile.Read(ref _generation);

    public Task<Client> Client => Volatile.Read(ref _up).Task;

    public string Output => $"{_server?.Errors}\n{_server?.Output}";

    public async Task Start()
    {
        _server = Server.Launch(folder, FreePorts.Next());
        await _server.Ready();
        _clients.Add(new(_server.Address));
        Interlocked.Increment(ref _generation);
        _up.SetResult(_clients[^1]);
    }

    /// <summary>Ends it in the middle of everything, and starts it again.</summary>
    public async Task Restart(bool gracefully)
    {
        Volatile.Write(ref _up, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (gracefully)
        {
            _server!.Terminate();
            Assert.Equal(0, await _server.Exit(StopPatience));
        }
        else
        {
            await _server!.Kill();
        }

        await _server.DisposeAsync();
        await Start();
    }

    /// <summary>Sends until it is answered for good.</summary>
    public async Task<Reply> Ask(Request request)
    {
        while (true)
        {
            if (await (await Client).Send(request) is { IsOpen: false } reply)
            {
                return reply;
            }

            await Task.Delay(5);
        }
    }

    /// <summary>What must succeed.</summary>
    public async Task<System.Text.Json.JsonElement> Get(string path, string access, string? queue = null)
    {
        var reply = await Ask(new(HttpMethod.Get, path) { Access = access, Queue = queue });
        Assert.True(reply.IsSuccess, $"{path}: {reply}");
        return reply.Json;
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
