namespace OrleansConcert.Repository.Tests;

/// <summary>Something that is not as it should be: where, and what to do.</summary>
internal sealed record Finding(string Path, int Line, string WhatToDo)
{
    public override string ToString() => $"{Path}:{Line}: {WhatToDo}";

    /// <summary>Fails with every finding, one a line.</summary>
    public static void None(IEnumerable<Finding> findings)
    {
        var lines = findings.Select(finding => finding.ToString()).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(lines.Count == 0, $"{lines.Count} to put right:\n{string.Join('\n', lines)}");
    }
}
