namespace OrleansConcert.Repository.Tests.Tidy;

/// <summary>Something that holds of single files.</summary>
/// <param name="Name">What holds.</param>
/// <param name="Applies">Of which files.</param>
/// <param name="Check">Where it does not hold, and what to do.</param>
/// <param name="Bad">A small file in which it does not hold exactly once.</param>
internal sealed record TidyRule(
    string Name, Func<SourceFile, bool> Applies, Func<SourceFile, IEnumerable<Finding>> Check, SourceFile Bad)
{
    public IEnumerable<Finding> In(SourceFile file) => Applies(file) ? Check(file) : [];
}
