using System.Linq.Expressions;
using System.Reflection;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Orleans.InProcess;

/// <summary>A method of a grain interface: what its attributes say, and how to copy for it and call it.</summary>
internal abstract class GrainMethod(MethodInfo method)
{
    internal string Name { get; } = method.Name;

    internal bool IsAlwaysInterleave { get; } = method.IsDefined(typeof(AlwaysInterleaveAttribute));

    internal bool IsReadOnly { get; } = method.IsDefined(typeof(ReadOnlyAttribute));

    internal bool IsOneWay { get; } = method.IsDefined(typeof(OneWayAttribute));

    internal TimeSpan? Timeout { get; } = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
}

/// <summary>A method whose arguments are packed into the value tuple <typeparamref name="TArgs"/>.</summary>
/// <typeparam name="TArgs">A value tuple, empty for no arguments.</typeparam>
/// <typeparam name="TResult">What it answers; <see cref="Nothing"/> for nothing.</typeparam>
internal sealed class GrainMethod<TArgs, TResult>(MethodInfo method) : GrainMethod(method)
{
    private readonly MethodInfo _method = method;
    private GrainMethodCode<TArgs, TResult>? _code;

    /// <summary>Compiled when first called, since a start would otherwise wait for every method of every interface.</summary>
    internal GrainMethodCode<TArgs, TResult> Code => _code ??= new GrainMethodCode<TArgs, TResult>(_method);
}

/// <summary>What was compiled for a method.</summary>
internal sealed class GrainMethodCode<TArgs, TResult>
{
    internal GrainMethodCode(MethodInfo method)
    {
        var parameters = method.GetParameters();
        Invoke = GrainMethodCode.Invocation<TArgs, TResult>(method);
        CopyArgs = GrainMethodCode.ArgumentsCopier<TArgs>(parameters);
        CopyResult = method.ReturnParameter.IsDefined(typeof(ImmutableAttribute)) ? null : Copier<TResult>.Root;
        var token = Array.FindIndex(parameters, parameter => parameter.ParameterType == typeof(CancellationToken));
        Cancellation = token < 0 ? null : new TokenArgument<TArgs>(parameters, token);
    }

    /// <summary>Calls the method on a grain.</summary>
    internal Func<object, TArgs, ValueTask<TResult>> Invoke { get; }

    /// <summary>Copies the arguments that need it; null where none does.</summary>
    internal Func<TArgs, TArgs>? CopyArgs { get; }

    /// <summary>Copies the result; null where it needs none.</summary>
    internal Func<TResult, TResult>? CopyResult { get; }

    /// <summary>The cancellation token among the arguments, if any.</summary>
    internal TokenArgument<TArgs>? Cancellation { get; }
}

/// <summary>The cancellation token among packed arguments.</summary>
internal sealed class TokenArgument<TArgs>
{
    internal TokenArgument(ParameterInfo[] parameters, int index)
    {
        var args = Expression.Parameter(typeof(TArgs));
        var token = Expression.Parameter(typeof(CancellationToken));
        var values = parameters.Select((_, i) => i == index ? (Expression)token : GrainMethodCode.Item(args, i)).ToArray();
        Of = Expression.Lambda<Func<TArgs, CancellationToken>>(GrainMethodCode.Item(args, index), args).Compile();
        Replaced = Expression
            .Lambda<Func<TArgs, CancellationToken, TArgs>>(GrainMethodCode.Pack(typeof(TArgs), values), args, token)
            .Compile();
    }

    /// <summary>The token in some arguments.</summary>
    internal Func<TArgs, CancellationToken> Of { get; }

    /// <summary>The same arguments with another token.</summary>
    internal Func<TArgs, CancellationToken, TArgs> Replaced { get; }
}
