using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>The engine of one host: it takes calls to where they belong. Its beginning and end are in the other part.</summary>
internal sealed partial class Engine : IClusterClient
{
    private readonly GrainCatalog _catalog;

    public Engine(
        IServiceProvider services,
        IEngineScheduler scheduler,
        GrainCatalog catalog,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection)
    {
        Services = services;
        Scheduler = scheduler;
        _catalog = catalog;
        IsImmediate = scheduler.IsImmediate;

        AnswerOptions = IsImmediate ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None;
        Collection = collection.Value;
        ResponseTimeout = messaging.Value.ResponseTimeout;
        Log = (ILogger?)services.GetService<ILoggerFactory>()?.CreateLogger("Orleans.InProcess") ?? NullLogger.Instance;
        GrainTime = Time(TimeProviderNames.Grains);
        ActivationTime = Time(TimeProviderNames.ActivationManagement);
        ActivationClock = new Clock(ActivationTime);
        var messagingTime = Time(TimeProviderNames.Messaging);
        MessagingClock = new Clock(messagingTime);
        Directory = new Directory(this);
        Watch = new CallWatch(this, messagingTime);
    }

    IServiceProvider IClusterClient.ServiceProvider => Services;

    internal IServiceProvider Services { get; }

    internal IEngineScheduler Scheduler { get; }

    /// <summary>See <see cref="IEngineScheduler.IsImmediate"/>; asked at every call.</summary>
    internal bool IsImmediate { get; }

    /// <summary>
    /// How the tasks that callers await complete. Where answers arrive inline a continuation must not; where they arrive as
    /// steps of their own it may, and then nothing slips away to the pool.
    /// </summary>
    internal TaskCreationOptions AnswerOptions { get; }

    internal ILogger Log { get; }

    internal GrainCollectionOptions Collection { get; }

    internal TimeSpan ResponseTimeout { get; }

    internal TimeProvider GrainTime { get; }

    internal TimeProvider ActivationTime { get; }

    internal Clock ActivationClock { get; }

    internal Clock MessagingClock { get; }

    internal Directory Directory { get; }

    internal CallWatch Watch { get; }

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        CheckNotDisposed();
        var grainClass = _catalog.Implementing(typeof(TGrainInterface), grainClassNamePrefix);
        return Reference<TGrainInterface>(grainClass, new GrainId(grainClass.Type, IdSpan.Create(primaryKey)));
    }

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => Reference<TGrainInterface>(grainId);

    /// <summary>A reference to a grain, seen as an interface.</summary>
    internal TGrainInterface Reference<TGrainInterface>(GrainId id)
        where TGrainInterface : IAddressable
    {
        CheckNotDisposed();
        return Reference<TGrainInterface>(_catalog.OfType(id.Type), id);
    }

    /// <summary>The time provider of an area: its own, else the host's, else the system's.</summary>
    internal TimeProvider Time(string area) =>
        Services.GetKeyedService<TimeProvider>(area) ?? Services.GetService<TimeProvider>() ?? TimeProvider.System;

    /// <summary>Where the calls to a grain go.</summary>
    internal Destination Locate(GrainId id, GrainClass grainClass) => Directory.Locate(id, grainClass);

    /// <summary>Sends a call.</summary>
    internal Task<TResult> Send<TArgs, TResult>(GrainReference reference, GrainMethod<TArgs, TResult> method, TArgs args)
    {
        CheckTakesCalls();
        if (method.Code.CopyArgs is { } copy)
        {
            args = copy(args);
        }

        var context = RequestContext.Values;
        var call = new Request<TArgs, TResult>(method, args, AnswerOptions)
        {
            Reference = reference,
            Deadline = MessagingClock.Now + (long)(method.Timeout ?? ResponseTimeout).TotalMilliseconds,
            Context = context is null ? null : CopiedContext(context),
        };
        call.ListenForCancellation();
        if (IsImmediate)
        {
            Route(call);
        }
        else
        {
            Scheduler.Deliver(call);
        }

        return call.Answer;
    }

    /// <summary>Takes a call to its grain.</summary>
    internal void Route(Call call)
    {
        if (!IsKilled && !call.IsSettled)
        {
            call.Reference!.Destination.Receive(call);
        }
    }

    private static Dictionary<string, object> CopiedContext(Dictionary<string, object> values)
    {
        var copy = new Dictionary<string, object>(values.Count);
        foreach (var (key, value) in values)
        {
            copy.Add(key, Serialization.Copier<object>.Copy(value));
        }

        return copy;
    }

    private TGrainInterface Reference<TGrainInterface>(GrainClass grainClass, GrainId id)
        where TGrainInterface : IAddressable
    {
        var shape = ProxyShape.Of(typeof(TGrainInterface));
        return (TGrainInterface)(object)shape.Create(new ReferenceOrigin(this, shape, grainClass, id));
    }
}
