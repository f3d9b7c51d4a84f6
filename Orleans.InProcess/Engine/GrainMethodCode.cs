using System.Linq.Expressions;
using System.Reflection;
using Orleans.Serialization;

namespace Orleans.InProcess;

/// <summary>The answer of a method that answers nothing.</summary>
internal readonly struct Nothing;

/// <summary>Compiles what a <see cref="GrainMethod"/> needs, once a method.</summary>
internal static class GrainMethodCode
{
    private const int ItemsATuple = 7;

    /// <summary>The value tuple type that holds these arguments; beyond seven they nest, as the compiler's do.</summary>
    internal static Type TupleOf(ReadOnlySpan<Type> types)
    {
        if (types.Length == 0)
        {
            return typeof(ValueTuple);
        }

        return types.Length <= ItemsATuple
            ? ValueTupleOf(types.Length).MakeGenericType(types.ToArray())
            : typeof(ValueTuple<,,,,,,,>).MakeGenericType([.. types[..ItemsATuple], TupleOf(types[ItemsATuple..])]);
    }

    /// <summary>The item at a place of a packed tuple.</summary>
    internal static Expression Item(Expression tuple, int index) => index < ItemsATuple
        ? Expression.Field(tuple, $"Item{index + 1}")
        : Item(Expression.Field(tuple, "Rest"), index - ItemsATuple);

    /// <summary>Packs values into a tuple.</summary>
    internal static Expression Pack(Type tuple, ReadOnlySpan<Expression> values)
    {
        if (values.Length == 0)
        {
            return Expression.Default(tuple);
        }

        var constructor = tuple.GetConstructors().Single();
        return values.Length <= ItemsATuple
            ? Expression.New(constructor, values.ToArray())
            : Expression.New(
                constructor, [.. values[..ItemsATuple], Pack(tuple.GetGenericArguments()[ItemsATuple], values[ItemsATuple..])]);
    }

    /// <summary>Code that calls a method on a grain with packed arguments.</summary>
    internal static Func<object, TArgs, ValueTask<TResult>> Invocation<TArgs, TResult>(MethodInfo method)
    {
        var grain = Expression.Parameter(typeof(object));
        var args = Expression.Parameter(typeof(TArgs));
        var call = Expression.Call(
            Expression.Convert(grain, method.DeclaringType!),
            method,
            method.GetParameters().Select((_, i) => Item(args, i)));
        Expression body = call;
        if (method.ReturnType == typeof(Task<TResult>))
        {
            body = Expression.New(typeof(ValueTask<TResult>).GetConstructor([typeof(Task<TResult>)])!, call);
        }
        else if (method.ReturnType == typeof(Task))
        {
            body = Expression.Call(typeof(GrainMethodCode), nameof(AnswerNothing), null, call);
        }
        else if (method.ReturnType == typeof(ValueTask))
        {
            body = Expression.Call(typeof(GrainMethodCode), nameof(AnswerNothingByValue), null, call);
        }

        return Expression.Lambda<Func<object, TArgs, ValueTask<TResult>>>(body, grain, args).Compile();
    }

    /// <summary>Code that copies those of the packed arguments that need it; null where none does.</summary>
    internal static Func<TArgs, TArgs>? ArgumentsCopier<TArgs>(ParameterInfo[] parameters)
    {
        var args = Expression.Parameter(typeof(TArgs));
        var context = Expression.Parameter(typeof(CopyContext));
        var copied = false;
        var values = new Expression[parameters.Length];
        for (var i = 0; i < parameters.Length; i++)
        {
            values[i] = Item(args, i);
            if (!parameters[i].IsDefined(typeof(ImmutableAttribute)) && Copiers.Find(parameters[i].ParameterType) is { } copy)
            {
                values[i] = Expression.Invoke(Expression.Constant(copy), values[i], context);
                copied = true;
            }
        }

        if (!copied)
        {
            return null;
        }

        var all = Expression.Lambda<Func<TArgs, CopyContext, TArgs>>(Pack(typeof(TArgs), values), args, context).Compile();
        return given => all(given, new CopyContext());
    }

    private static ValueTask<Nothing> AnswerNothing(Task task) => task.IsCompletedSuccessfully ? default : Awaited(task);

    private static ValueTask<Nothing> AnswerNothingByValue(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            return Awaited(task.AsTask());
        }

        task.GetAwaiter().GetResult();
        return default;
    }

    private static async ValueTask<Nothing> Awaited(Task task)
    {
        await task;
        return default;
    }

    private static Type ValueTupleOf(int count) => count switch
    {
        1 => typeof(ValueTuple<>),
        2 => typeof(ValueTuple<,>),
        3 => typeof(ValueTuple<,,>),
        4 => typeof(ValueTuple<,,,>),
        5 => typeof(ValueTuple<,,,,>),
        6 => typeof(ValueTuple<,,,,,>),
        _ => typeof(ValueTuple<,,,,,,>),
    };
}
