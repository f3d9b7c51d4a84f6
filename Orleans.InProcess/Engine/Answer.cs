namespace Orleans.InProcess;

/// <summary>An answer or another notice on its way, where such things take time.</summary>
internal sealed class Answer(Label label, Action arrive) : IThreadPoolWorkItem, ITraced
{
    public Label Label { get; } = label;

    public void Execute() => arrive();
}
