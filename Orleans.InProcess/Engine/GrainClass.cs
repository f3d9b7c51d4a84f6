using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>A class of grains: what its attributes say and how one is made.</summary>
internal sealed class GrainClass
{
    private static readonly MethodInfo s_service = Method(nameof(Service));
    private static readonly MethodInfo s_keyedService = Method(nameof(KeyedService));
    private static readonly MethodInfo s_state = Method(nameof(State));

    private readonly Lazy<Func<Activation, object>> _create;
    private readonly StatelessWorkerAttribute? _worker;

    internal GrainClass(Type type)
    {
        Implementation = type;
        Type = GrainType.Create(NameOf(type));
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        _worker = type.GetCustomAttribute<StatelessWorkerAttribute>(inherit: true);
        OverridesOnActivate = Overrides(type, nameof(IGrainBase.OnActivateAsync));
        OverridesOnDeactivate = Overrides(type, nameof(IGrainBase.OnDeactivateAsync));
        _create = new Lazy<Func<Activation, object>>(() => Compile(type));
    }

    internal Type Implementation { get; }

    internal GrainType Type { get; }

    internal bool IsReentrant { get; }

    /// <summary>Whether there is anything to call at activation; where not, nothing is set up for it.</summary>
    internal bool OverridesOnActivate { get; }

    internal bool OverridesOnDeactivate { get; }

    /// <summary>Makes a grain within its activation.</summary>
    internal object Create(Activation activation) => _create.Value(activation);

    internal Destination NewDestination(Engine engine, GrainId id) => _worker is null
        ? new Activation(engine, id, this)
        : new WorkerPool(engine, id, this, _worker.MaxLocalWorkers ?? engine.Scheduler.Parallelism);

    private static string NameOf(Type type)
    {
        const string suffix = "grain";
        var name = type.Name.ToLowerInvariant();
        return name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name;
    }

    private static bool Overrides(Type type, string name)
    {
        var map = type.GetInterfaceMap(typeof(IGrainBase));
        var declaring = map.TargetMethods[Array.FindIndex(map.InterfaceMethods, method => method.Name == name)].DeclaringType;
        return declaring != typeof(Grain) && declaring != typeof(IGrainBase);
    }

    private static Func<Activation, object> Compile(Type type)
    {
        var constructors = type.GetConstructors();
        if (constructors.Length != 1)
        {
            throw new InvalidOperationException($"{type} must have exactly one public constructor.");
        }

        var activation = Expression.Parameter(typeof(Activation));
        var arguments = constructors[0].GetParameters().Select(parameter => Argument(parameter, activation));
        return Expression.Lambda<Func<Activation, object>>(Expression.New(constructors[0], arguments), activation).Compile();
    }

    private static Expression Argument(ParameterInfo parameter, ParameterExpression activation)
    {
        var type = parameter.ParameterType;
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
        {
            if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            {
                throw new InvalidOperationException($"{parameter.Member.DeclaringType}: {parameter.Name} must be an IPersistentState.");
            }

            return Expression.Call(
                s_state.MakeGenericMethod(type.GetGenericArguments()), activation, Expression.Constant(state));
        }

        if (type == typeof(IGrainContext))
        {
            return Expression.Convert(activation, type);
        }

        return parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed
            ? Expression.Call(s_keyedService.MakeGenericMethod(type), activation, Expression.Constant(keyed.Key, typeof(object)))
            : Expression.Call(s_service.MakeGenericMethod(type), activation);
    }

    private static T Service<T>(Activation activation)
        where T : notnull => activation.ActivationServices.GetRequiredService<T>();

    private static T KeyedService<T>(Activation activation, object key)
        where T : notnull => activation.ActivationServices.GetRequiredKeyedService<T>(key);

    private static StateBridge<T> State<T>(Activation activation, PersistentStateAttribute state) => new(activation, state);

    private static MethodInfo Method(string name) => typeof(GrainClass).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;
}
