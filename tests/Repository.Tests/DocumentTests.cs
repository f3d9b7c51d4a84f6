namespace OrleansConcert.Repository.Tests;

public class DocumentTests
{
    private static readonly string[] Described = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];

    private static IEnumerable<SourceFile> Manuals =>
        Checkout.Documents.Where(file => Described.Contains(file.Path) || file.IsIn("docs", "deploy"));

    private static IReadOnlyList<SourceFile> Decisions =>
        [.. Checkout.Documents.Where(file => file.IsIn("docs/decisions")).OrderBy(file => file.Path, StringComparer.Ordinal)];

    [Fact]
    public void Every_relative_link_leads_somewhere() => Finding.None(Checkout.Documents.SelectMany(file => Markdown.Links(file)
        .Where(link => !Regex.IsMatch(link.Target, @"^(https?|mailto):") && !Leads(file, link.Target))
        .Select(link => new Finding(file.Path, link.Line, $"the link to {link.Target} leads nowhere"))));

    [Fact]
    public void Every_make_target_that_is_named_exists()
    {
        var targets = Regex.Matches(Checkout.File("Makefile").Text, @"(?m)^(\w+):").Select(match => match.Groups[1].Value).ToHashSet();

        Finding.None(Manuals.SelectMany(file => Regex.Matches(file.Text, @"(?m)(?:`|^)make (\w+)")
            .Where(match => !targets.Contains(match.Groups[1].Value))
            .Select(match => new Finding(file.Path, file.LineAt(match.Index), $"the Makefile has no target {match.Groups[1].Value}"))));
    }

    [Fact]
    public void Every_make_target_is_described()
    {
        var makefile = Checkout.File("Makefile");

        Finding.None(Regex.Matches(makefile.Text, @"(?m)^(\w+):(?!=)")
            .Where(match => !Regex.IsMatch(makefile.Text, $@"(?m)^{match.Groups[1].Value}:.*## \w"))
            .Select(match => new Finding(
                makefile.Path, makefile.LineAt(match.Index), $"say after ## what make {match.Groups[1].Value} does")));
    }

    [Fact]
    public void Every_path_that_is_named_exists() => Finding.None(Manuals.SelectMany(file => Markdown.Quoted(file)
        .SelectMany(quoted => Paths(quoted.Code).Select(path => (quoted.Line, Path: path)))
        .Where(named => !Exists(named.Path))
        .Select(named => new Finding(file.Path, named.Line, $"there is no {named.Path}"))));

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var tests = Checkout.CSharp.Where(file => file.IsIn("tests"))
            .SelectMany(file => Regex.Matches(file.Text, @"public (?:async )?(?:void|Task|ValueTask) (\w+)\("))
            .Select(match => match.Groups[1].Value)
            .ToHashSet();

        Finding.None(Manuals.SelectMany(file => Markdown.Quoted(file)
            .Where(quoted => Regex.IsMatch(quoted.Code, "^[A-Z][a-z0-9]*(_[A-Za-z0-9]+){2,}$") && !tests.Contains(quoted.Code))
            .Select(quoted => new Finding(file.Path, quoted.Line, $"there is no test {quoted.Code}"))));
    }

    [Fact]
    public void Every_promise_has_a_test_that_shows_it() => Finding.None(Markdown.Rows(Checkout.File("docs/GUARANTEES.md"), "promise")
        .Where(row => !Markdown.Quoted(row.Cells[^1]).Any(code => code.Contains('_', StringComparison.Ordinal)))
        .Select(row => new Finding("docs/GUARANTEES.md", row.Line, $"name a test that shows '{row.Cells[0]}'")));

    [Fact]
    public void Every_project_that_a_command_names_exists() => Finding.None(Manuals.Append(Checkout.File("Makefile")).SelectMany(file =>
        Regex.Matches(file.Text, @"--project ([\w./-]+)")
            .Where(match => !Checkout.Projects.Any(project => project.IsIn(match.Groups[1].Value)))
            .Select(match => new Finding(file.Path, file.LineAt(match.Index), $"there is no project {match.Groups[1].Value}"))));

    [Fact]
    public void Decisions_are_numbered_without_gaps() => Finding.None(Decisions.Index()
        .Where(decision => !Path.GetFileName(decision.Item.Path).StartsWith($"{decision.Index + 1:0000}-", StringComparison.Ordinal)
            || !decision.Item.Lines[0].StartsWith($"# {decision.Index + 1}. ", StringComparison.Ordinal))
        .Select(decision => new Finding(
            decision.Item.Path, 1, $"name the file {decision.Index + 1:0000}-... and begin its title with '# {decision.Index + 1}. '")));

    [Fact]
    public void Every_decision_says_why_what_and_what_guards_it() => Finding.None(Decisions.SelectMany(file =>
        new[] { "**Context.**", "**Decision.**", "**Consequences.**", "**Guarded by**" }
            .Where(section => !file.Lines.Any(line => line.StartsWith(section, StringComparison.Ordinal)))
            .Select(section => new Finding(file.Path, 1, $"add the paragraph {section}"))));

    [Fact]
    public void The_folders_of_the_readme_are_those_of_the_repository()
    {
        var readme = Checkout.File("README.md");
        var named = Markdown.Rows(readme, "folder").Select(row => Regex.Match(row.Cells[0], @"\]\((.+?)\)").Groups[1].Value).ToList();
        var there = Checkout.Projects.Where(project => !project.IsTest).Select(project => project.Path.Split('/')[0]);

        Finding.None(there.Except(named).Select(folder => new Finding(readme.Path, 1, $"say in 'What is where' what {folder} is")));
    }

    private static bool Leads(SourceFile from, string target)
    {
        var (path, anchor) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, "");
        var folder = Path.GetDirectoryName(from.Path)!;
        var resolved = path.Length == 0
            ? from.Path
            : Path.GetRelativePath(Checkout.Root, Path.GetFullPath(Path.Combine(Checkout.Root, folder, path))).Replace('\\', '/');
        return Checkout.Has(resolved) && (anchor.Length == 0 || Checkout.File(resolved).Lines
            .Any(line => line.StartsWith('#') && Markdown.Anchor(line) == anchor));
    }

    /// <summary>The words of a quoted text that are paths of this repository: a known kind of file, or a folder at the top.</summary>
    private static IEnumerable<string> Paths(string quoted) => quoted.Split(' ')
        .Where(word => Regex.IsMatch(word, @"^\.?[\w][\w.-]*(/[\w.-]+)*/?$"))
        .Where(word => Regex.IsMatch(word, @"\.(cs|md|csproj|sln|props|targets|json|http)$")
            || Regex.IsMatch(
                word, @"^(Domain|Grains|Grains\.Abstractions|Storage|Silo|Api|Orleans\.InProcess|tests|deploy|docs|build|\.ci)/"));

    private static bool Exists(string path) => Checkout.Has(path)
        || (!path.Contains('/', StringComparison.Ordinal) && Checkout.Files.Any(file => Path.GetFileName(file.Path) == path));
}
