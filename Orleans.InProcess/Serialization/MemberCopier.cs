using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>Copies values of a serialisable type member by member.</summary>
internal static class MemberCopier
{
    /// <summary>Fills a new object from another.</summary>
    internal delegate void Fill<T>(T original, ref T copy, Delegate?[] members, CopyContext context);

    /// <summary>The copier of exactly this type.</summary>
    internal static Delegate Build(Type type)
    {
        var fields = SerializedMembers.Of(type).ToArray();
        var copiers = Array.ConvertAll(fields, field => SerializedMembers.IsImmutable(field) ? null : Copiers.Find(field.FieldType));
        return Copiers.Make(typeof(MemberCopier<>), type, EmitFill(type, fields, copiers), copiers);
    }

    // As intermediate language, since nothing else may assign the read-only fields behind init properties.
    private static Delegate EmitFill(Type type, FieldInfo[] fields, Delegate?[] copiers)
    {
        var method = new DynamicMethod(
            $"Fill {type}",
            null,
            [type, type.MakeByRefType(), typeof(Delegate?[]), typeof(CopyContext)],
            typeof(MemberCopier).Module,
            skipVisibility: true);
        var code = method.GetILGenerator();
        for (var i = 0; i < fields.Length; i++)
        {
            code.Emit(OpCodes.Ldarg_1);
            if (!type.IsValueType)
            {
                code.Emit(OpCodes.Ldind_Ref);
            }

            if (copiers[i] is not null)
            {
                code.Emit(OpCodes.Ldarg_2);
                code.Emit(OpCodes.Ldc_I4, i);
                code.Emit(OpCodes.Ldelem_Ref);
                code.Emit(OpCodes.Castclass, copiers[i]!.GetType());
            }

            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldfld, fields[i]);
            if (copiers[i] is { } copier)
            {
                code.Emit(OpCodes.Ldarg_3);
                code.Emit(OpCodes.Callvirt, copier.GetType().GetMethod("Invoke")!);
            }

            code.Emit(OpCodes.Stfld, fields[i]);
        }

        code.Emit(OpCodes.Ret);
        return method.CreateDelegate(typeof(Fill<>).MakeGenericType(type));
    }
}

/// <summary>The same for one type.</summary>
internal static class MemberCopier<T>
{
    private static readonly Func<T> s_new = NewObject();

    internal static CopyOf<T> Create(MemberCopier.Fill<T> fill, Delegate?[] members)
    {
        if (typeof(T).IsValueType)
        {
            return (value, context) =>
            {
                var copy = default(T)!;
                fill(value, ref copy, members, context);
                return copy;
            };
        }

        return (value, context) =>
        {
            if (value is null)
            {
                return value;
            }

            if (context.TryGet<object>(value, out var known))
            {
                return (T)known;
            }

            var copy = s_new();
            context.Add(value, copy!);
            fill(value, ref copy, members, context);
            return copy;
        };
    }

    // As a decoder would: by the parameterless constructor, so that what does not cross has its initial value.
    private static Func<T> NewObject()
    {
        if (typeof(T).IsValueType)
        {
            return static () => default!;
        }

        return typeof(T).GetConstructor(Type.EmptyTypes) is { } constructor
            ? Expression.Lambda<Func<T>>(Expression.New(constructor)).Compile()
            : static () => (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
    }
}
