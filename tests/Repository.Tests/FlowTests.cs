namespace OrleansConcert.Repository.Tests;

/// <summary>docs/FLOWS.md says of every step of five documents which test walks it: a section and a folder of tests a preset.</summary>
public class FlowTests
{
    private static readonly SourceFile Flows = Checkout.File("docs/FLOWS.md");
    private static readonly string[] Folders = ["Gated", "Capacity", "Batch", "Requeue", "Classic"];

    private static ILookup<string, string> Walked => Folders
        .SelectMany(folder => Checkout.CSharp.Where(file => file.IsIn("tests/Flows/" + folder))
            .SelectMany(file => Regex.Matches(file.Code, @"public (?:async )?Task (\w+)\(").Select(match => match.Groups[1].Value))
            .Select(test => (Folder: folder, Test: test)))
        .ToLookup(walk => walk.Folder, walk => walk.Test);

    private static IEnumerable<(int Line, string Folder, string Test)> Named => Markdown.Rows(Flows, "step")
        .Where(row => FolderAt(row.Line) is not null)
        .SelectMany(row => Markdown.Quoted(row.Cells[^1]).Select(test => (row.Line, FolderAt(row.Line)!, test)));

    [Fact]
    public void Every_document_has_its_section() => Finding.None(Folders
        .Where(folder => !Named.Any(named => named.Folder == folder))
        .Select(folder => new Finding(Flows.Path, 1, $"say which test walks which step on the preset {folder.ToLowerInvariant()}")));

    [Fact]
    public void No_cell_of_a_table_is_empty() => Finding.None(Markdown.Running(Flows)
        .Where(line => line.Text.StartsWith('|') && Regex.IsMatch(line.Text, @"\|\s*\|"))
        .Select(line => new Finding(Flows.Path, line.Number, "fill the empty cell")));

    [Fact]
    public void Every_step_names_the_tests_that_walk_it_and_they_are_there() => Finding.None(Markdown.Rows(Flows, "step")
        .Where(row => FolderAt(row.Line) is not null && !Markdown.Quoted(row.Cells[^1]).Any())
        .Select(row => new Finding(Flows.Path, row.Line, $"name a test for step {row.Cells[0]}"))
        .Concat(Named.Where(named => !Walked[named.Folder].Contains(named.Test))
            .Select(named => new Finding(Flows.Path, named.Line, $"there is no test {named.Test} in tests/Flows/{named.Folder}"))));

    [Fact]
    public void Every_test_of_a_flow_is_named_by_its_step()
    {
        var named = Named.Select(each => (each.Folder, each.Test)).ToHashSet();

        Finding.None(Walked.SelectMany(folder => folder.Where(test => !named.Contains((folder.Key, test)))
            .Select(test => new Finding(Flows.Path, 1, $"name {test} of tests/Flows/{folder.Key} in its section"))));
    }

    /// <summary>The folder of the preset whose section that line is in; null outside of these.</summary>
    private static string? FolderAt(int line) => Flows.Lines[..line].LastOrDefault(text => text.StartsWith("## ", StringComparison.Ordinal))
        is { } heading && Regex.Match(heading, @"^## \d{3}: `(\w+)`$") is { Success: true } match
            ? Folders.SingleOrDefault(folder => folder.Equals(match.Groups[1].Value, StringComparison.OrdinalIgnoreCase))
            : null;
}
