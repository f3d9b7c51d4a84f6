using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>What a piece of work is, in words that are the same in every process. Made of what is there, so it costs nothing
/// until somebody reads it.</summary>
/// <param name="Grain">The grain it is for, if any.</param>
/// <param name="Act">What is done there, if that is worth a word.</param>
/// <param name="Outcome">What came of it, where this is the way back.</param>
internal readonly record struct Label(GrainId Grain, string? Act = null, string? Outcome = null)
{
    internal Label(string act)
        : this(default, act)
    {
    }

    public override string ToString()
    {
        var grain = Grain.IsDefault ? null : Grain.ToString();
        return string.Join(' ', new[] { grain, Act, Outcome }.Where(word => word is not null));
    }
}
