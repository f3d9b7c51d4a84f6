using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.InProcess;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>A grain's record, between the grain and its storage.</summary>
internal abstract class StateBridge
{
    /// <summary>The name of the storage for grains that name none.</summary>
    internal const string DefaultStorage = "Default";

    /// <summary>The first read, before the grain activates.</summary>
    internal abstract Task Load(CancellationToken cancellationToken);
}

/// <summary>The record itself. Its operations queue up behind each other; it may be used in the grain's turns only.</summary>
internal sealed class StateBridge<TState> : StateBridge, IPersistentState<TState>
{
    private readonly Activation _activation;
    private readonly IGrainStorage _storage;
    private readonly string _name;
    private readonly GrainState<TState> _record = new(New());
    private Task _last = Task.CompletedTask;

    internal StateBridge(Activation activation, PersistentStateAttribute attribute)
    {
        var storage = attribute.StorageName ?? DefaultStorage;
        _activation = activation;
        _name = attribute.StateName;
        _storage = activation.Engine.Services.GetKeyedService<IGrainStorage>(storage)
            ?? throw new BadProviderConfigException(
                $"{activation.GrainId} wants the grain storage \"{storage}\", which the host does not have.");
        activation.Register(this);
    }

    public TState State
    {
        get => _record.State!;
        set => _record.State = value;
    }

    public string? Etag => _record.ETag;

    public bool RecordExists => _record.RecordExists;

    public Task ReadStateAsync() => Load(CancellationToken.None);

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    Task IStorage.ReadStateAsync(CancellationToken cancellationToken) => Load(cancellationToken);

    public Task WriteStateAsync(CancellationToken cancellationToken) => InTurn(
        () => _storage.WriteStateAsync(_name, _activation.GrainId, _record, cancellationToken));

    public Task ClearStateAsync(CancellationToken cancellationToken) => InTurn(Clear(cancellationToken));

    internal override Task Load(CancellationToken cancellationToken) => InTurn(Read(cancellationToken));

    private static TState New() => typeof(TState).GetConstructor(Type.EmptyTypes) is not null || typeof(TState).IsValueType
        ? Activator.CreateInstance<TState>()
        : default!;

    private Func<Task> Read(CancellationToken cancellationToken) => async () =>
    {
        await _storage.ReadStateAsync(_name, _activation.GrainId, _record, cancellationToken);
        _record.State ??= New();
    };

    private Func<Task> Clear(CancellationToken cancellationToken) => async () =>
    {
        await _storage.ClearStateAsync(_name, _activation.GrainId, _record, cancellationToken);
        _record.State = New();
        _record.RecordExists = false;
    };

    private Task InTurn(Func<Task> operation)
    {
        if (Activation.Current != _activation)
        {
            throw new InvalidOperationException("A grain's state may only be used within the grain's own turns.");
        }

        return _last = After(_last, operation);
    }

    private static async Task After(Task last, Func<Task> operation)
    {
        if (!last.IsCompleted)
        {
            await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        await operation();
    }
}
