namespace OrleansConcert.Repository.Tests.Tidy;

/// <summary>How files are laid out.</summary>
internal static class LayoutRules
{
    private const int MaxColumns = 140;

    public static IReadOnlyList<TidyRule> All { get; } =
    [
        new("A line has at most 140 columns",
            file => file.IsCSharp,
            file => Lines(
                file, line => line.Length > MaxColumns, line => $"break the line: {line.Length} columns, {MaxColumns} are allowed"),
            new("Domain/Long.cs", $"// {new string('x', MaxColumns)}\n")),

        new("No line ends in blanks",
            IsOurs,
            file => Lines(file, line => line.EndsWith(' ') || line.EndsWith('\t'), _ => "remove the blanks at the end of the line"),
            new("docs/BLANKS.md", "one \ntwo\n")),

        new("Lines end in LF",
            IsOurs,
            file => Lines(file, line => line.Contains('\r', StringComparison.Ordinal), _ => "end lines in LF, not CR LF"),
            new("docs/CRLF.md", "one\r\ntwo\n")),

        new("A file ends in one newline",
            IsOurs,
            file => file.Text.Length == 0 || (file.Text.EndsWith('\n') && !file.Text.EndsWith("\n\n", StringComparison.Ordinal))
                ? []
                : [new(file.Path, file.Lines.Length, "end the file in exactly one newline")],
            new("docs/END.md", "one")),

        new("Namespaces are file-scoped",
            file => file.IsCSharp && !HasNamespacesOfOrleans(file),
            file => file.Where(
                @"(?m)^\s*namespace\s+[\w.]+\s*(\{|$)", _ => "end the namespace with ';' and take its braces away", inCode: true),
            new("Domain/Braced.cs", "namespace OrleansConcert.Domain\n{\n}\n")),
    ];

    /// <summary>The engine keeps together what belongs together, though Orleans has it in several namespaces.</summary>
    private static bool HasNamespacesOfOrleans(SourceFile file) =>
        file.IsIn("Orleans.InProcess") && Regex.Count(file.Code, @"(?m)^namespace\s") > 1;

    /// <summary>What tools write is as they write it.</summary>
    private static bool IsOurs(SourceFile file) =>
        !file.Path.EndsWith(".lock.json", StringComparison.Ordinal) && !file.Path.EndsWith(".sln", StringComparison.Ordinal);

    private static IEnumerable<Finding> Lines(SourceFile file, Func<string, bool> isBad, Func<string, string> whatToDo) =>
        file.Lines.Index().Where(line => isBad(line.Item)).Select(line => new Finding(file.Path, line.Index + 1, whatToDo(line.Item)));
}
