using Orleans.InProcess;

namespace Orleans.Runtime;

/// <summary>A reference to a grain. Two are equal where they name the same grain.</summary>
[Immutable]
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    private readonly ProxyShape _shape;
    private Destination? _destination;

    internal GrainReference(ReferenceOrigin origin)
    {
        Engine = origin.Engine;
        _shape = origin.Shape;
        Class = origin.Class;
        GrainId = origin.Id;
    }

    /// <summary>Which grain it refers to.</summary>
    public GrainId GrainId { get; }

    internal Engine Engine { get; }

    internal GrainClass Class { get; }

    /// <summary>Where the grain was last found; looked up again when that has closed.</summary>
    internal Destination Destination
    {
        get
        {
            var destination = _destination;
            if (destination is null || destination.IsClosed)
            {
                _destination = destination = Engine.Locate(GrainId, Class);
            }

            return destination;
        }
    }

    /// <inheritdoc/>
    public static bool operator ==(GrainReference? left, GrainReference? right) => left is null ? right is null : left.Equals(right);

    /// <inheritdoc/>
    public static bool operator !=(GrainReference? left, GrainReference? right) => !(left == right);

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"GrainReference:{GrainId}";

    /// <summary>Calls the method at a place of the shape; the emitted proxies end here.</summary>
    internal Task<TResult> Send<TArgs, TResult>(int method, TArgs args)
    {
        try
        {
            return Engine.Send(this, (GrainMethod<TArgs, TResult>)_shape.Methods[method], args);
        }
        catch (Exception failure)
        {
            return Task.FromException<TResult>(failure);
        }
    }

    /// <summary>The same for a method that answers nothing.</summary>
    internal Task SendTask<TArgs>(int method, TArgs args) => Send<TArgs, Nothing>(method, args);

    /// <summary>The same for a method that answers by value task.</summary>
    internal ValueTask<TResult> SendByValue<TArgs, TResult>(int method, TArgs args) => new(Send<TArgs, TResult>(method, args));

    /// <summary>The same for a method that answers nothing by value task.</summary>
    internal ValueTask SendTaskByValue<TArgs>(int method, TArgs args) => new(Send<TArgs, Nothing>(method, args));
}

/// <summary>What a new reference is made of.</summary>
internal readonly record struct ReferenceOrigin(Engine Engine, ProxyShape Shape, GrainClass Class, GrainId Id);
