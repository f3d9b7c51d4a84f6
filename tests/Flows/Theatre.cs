using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansConcert.Grains.Tests;

namespace OrleansConcert.Flows;

/// <summary>The real server on the embedded store, with a clock that tests move, a store that they make fail, and its log.</summary>
public sealed class Theatre : IAsyncLifetime, IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleans-concert-flows-");
    private readonly string[] _args;

    public Theatre()
        : this([])
    {
    }

    private Theatre(string[] args) => _args = args;

    public Server Server { get; private set; } = null!;

    internal HeldJournal Journal { get; } = new();

    internal Lines Log { get; } = new();

    /// <summary>A server with other settings than the shared one.</summary>
    public static async Task<Theatre> Open(params string[] args)
    {
        var theatre = new Theatre(args);
        await theatre.InitializeAsync();
        return theatre;
    }

    public async Task InitializeAsync() => Server = await Server.Start(
        services =>
        {
            Journal.Instead(services);
            services.AddSingleton<ILoggerProvider>(Log);
        },
        [.. await StoreOfTests.In(_folder.FullName), "--Logging:Console:LogLevel:Default=None", .. _args]);

    async Task IAsyncLifetime.DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    ValueTask IAsyncDisposable.DisposeAsync() => new(((IAsyncLifetime)this).DisposeAsync());
}
