namespace Orleans.InProcess;

/// <summary>An answer or another notice on its way, where such things take time.</summary>
internal sealed class Answer(string label, Action arrive) : IThreadPoolWorkItem, ITraced
{
    public string Label { get; } = label;

    public void Execute() => arrive();
}
