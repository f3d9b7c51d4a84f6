using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>How references that look like one grain interface are made, and the methods they call.</summary>
/// <remarks>
/// A class is emitted for each interface. Each of its methods packs the arguments into a value tuple and calls one of the
/// four Send methods of <see cref="GrainReference"/>: no boxing and no array, unlike DispatchProxy.
/// </remarks>
internal sealed class ProxyShape
{
    private const BindingFlags Inside = BindingFlags.Instance | BindingFlags.NonPublic;
    private static readonly ConcurrentDictionary<Type, ProxyShape> s_shapes = new();
    private static readonly Lock s_emitting = new();
    private static readonly ModuleBuilder s_module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("OrleansConcert.GrainProxies"), AssemblyBuilderAccess.Run)
        .DefineDynamicModule("GrainProxies");

    private static int s_emitted;

    private readonly Func<ReferenceOrigin, GrainReference> _create;

    private ProxyShape(Type grainInterface)
    {
        Interface = grainInterface;
        var methods = grainInterface.GetInterfaces().Prepend(grainInterface)
            .SelectMany(declaring => declaring.GetMethods(BindingFlags.Instance | BindingFlags.Public))
            .ToArray();
        Methods = new GrainMethod[methods.Length];

        // Two assemblies may have interfaces of one name, hence the number.
        var type = s_module.DefineType(
            $"{grainInterface.FullName}#Proxy{++s_emitted}",
            TypeAttributes.Public | TypeAttributes.Sealed,
            typeof(GrainReference),
            [grainInterface]);
        EmitConstructor(type);
        for (var i = 0; i < methods.Length; i++)
        {
            var (args, result) = Emit(type, methods[i], i);
            Methods[i] = (GrainMethod)Activator.CreateInstance(typeof(GrainMethod<,>).MakeGenericType(args, result), methods[i])!;
        }

        var origin = Expression.Parameter(typeof(ReferenceOrigin));
        _create = Expression
            .Lambda<Func<ReferenceOrigin, GrainReference>>(
                Expression.New(type.CreateType().GetConstructors().Single(), origin), origin)
            .Compile();
    }

    internal Type Interface { get; }

    /// <summary>The methods, at the places the emitted code knows them by.</summary>
    internal GrainMethod[] Methods { get; }

    internal static ProxyShape Of(Type grainInterface)
    {
        if (s_shapes.TryGetValue(grainInterface, out var shape))
        {
            return shape;
        }

        lock (s_emitting)
        {
            return s_shapes.GetOrAdd(grainInterface, static type => new ProxyShape(Checked(type)));
        }
    }

    internal GrainReference Create(ReferenceOrigin origin) => _create(origin);

    private static Type Checked(Type type)
    {
        if (!type.IsInterface || !type.IsVisible || type.IsGenericType)
        {
            throw new ArgumentException($"{type} is no grain interface: it must be a public, non-generic interface.");
        }

        return type;
    }

    private static void EmitConstructor(TypeBuilder type)
    {
        var parameters = new[] { typeof(ReferenceOrigin) };
        var code = type
            .DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, parameters)
            .GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Call, typeof(GrainReference).GetConstructor(Inside, parameters)!);
        code.Emit(OpCodes.Ret);
    }

    private static (Type Args, Type Result) Emit(TypeBuilder type, MethodInfo method, int place)
    {
        var types = Array.ConvertAll(method.GetParameters(), parameter => parameter.ParameterType);
        if (method.IsGenericMethod || method.IsSpecialName || Array.Exists(types, parameter => parameter.IsByRef))
        {
            throw new ArgumentException($"{method.DeclaringType}.{method.Name} is no method that crosses calls.");
        }

        if (Array.FindAll(types, parameter => parameter == typeof(CancellationToken)).Length > 1)
        {
            throw new ArgumentException($"{method.DeclaringType}.{method.Name} has more than one CancellationToken.");
        }

        var (sender, result) = SenderOf(method);
        var args = GrainMethodCode.TupleOf(types);
        var send = typeof(GrainReference).GetMethod(sender, Inside)!;
        send = result == typeof(Nothing) ? send.MakeGenericMethod(args) : send.MakeGenericMethod(args, result);

        var proxy = type.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.NewSlot
                | MethodAttributes.HideBySig,
            method.ReturnType,
            types);
        var code = proxy.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldc_I4, place);
        EmitPack(code, args, types.Length);
        code.Emit(OpCodes.Call, send);
        code.Emit(OpCodes.Ret);
        type.DefineMethodOverride(proxy, method);
        return (args, result);
    }

    private static void EmitPack(ILGenerator code, Type tuple, int count)
    {
        if (count == 0)
        {
            code.Emit(OpCodes.Ldloc, code.DeclareLocal(tuple));
            return;
        }

        for (var i = 0; i < count; i++)
        {
            code.Emit(OpCodes.Ldarg, (short)(i + 1));
        }

        // The innermost of nested tuples takes the last arguments, which are on top of the stack.
        var nested = new Stack<Type>();
        for (var type = tuple; ; type = type.GetGenericArguments()[7])
        {
            nested.Push(type);
            if (type.GetGenericArguments().Length < 8)
            {
                break;
            }
        }

        foreach (var type in nested)
        {
            code.Emit(OpCodes.Newobj, type.GetConstructors().Single());
        }
    }

    private static (string Sender, Type Result) SenderOf(MethodInfo method)
    {
        var type = method.ReturnType;
        if (type == typeof(Task))
        {
            return (nameof(GrainReference.SendTask), typeof(Nothing));
        }

        if (type == typeof(ValueTask))
        {
            return (nameof(GrainReference.SendTaskByValue), typeof(Nothing));
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (definition == typeof(Task<>))
        {
            return (nameof(GrainReference.Send), type.GetGenericArguments()[0]);
        }

        return definition == typeof(ValueTask<>)
            ? (nameof(GrainReference.SendByValue), type.GetGenericArguments()[0])
            : throw new ArgumentException(
                $"{method.DeclaringType}.{method.Name} returns {type}: it must return Task, Task<T>, ValueTask or ValueTask<T>.");
    }
}
