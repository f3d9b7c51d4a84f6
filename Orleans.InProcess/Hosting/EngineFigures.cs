namespace Orleans.InProcess;

/// <summary>How much the engine has to do. Microsoft Orleans tells it by its management grain, which is not in the slice.</summary>
public sealed class EngineFigures
{
    private readonly Engine _engine;

    internal EngineFigures(Engine engine) => _engine = engine;

    /// <summary>Activations that have begun and not ended.</summary>
    public int Activations => _engine.Directory.Count;
}
