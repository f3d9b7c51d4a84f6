using System.Xml.Linq;

namespace OrleansConcert.Repository.Tests;

/// <summary>Which project may know which. docs/ARCHITECTURE.md draws the same arrows.</summary>
public class ArrowTests
{
    private const string Drawn = "tests/Repository.Tests/ArrowTests.cs and docs/ARCHITECTURE.md";

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Domain"] = [],
        ["Grains.Abstractions"] = ["Domain"],
        ["Grains"] = ["Grains.Abstractions"],
        ["Storage"] = ["Grains"],
        ["Silo"] = ["Grains", "Storage"],
        ["Api"] = ["Grains.Abstractions", "Silo"],
        ["Orleans.InProcess"] = [],
    };

    private static IEnumerable<SourceFile> Products => Checkout.Projects.Where(project => !project.IsTest);

    [Fact]
    public void Every_project_refers_to_its_neighbours_and_no_other() => Finding.None(Products.SelectMany(project =>
        !Allowed.TryGetValue(project.Name, out var allowed)
            ? [new Finding(project.Path, 1, $"name the arrows of this project in {Drawn}")]
            : References(project).Where(to => !allowed.Contains(to)).Select(to => new Finding(
                project.Path, LineOf(project, to), $"take the reference to {to} away; allowed: [{string.Join(", ", allowed)}]"))));

    [Fact]
    public void Every_arrow_that_is_drawn_is_there() => Finding.None(Products.SelectMany(project =>
        Allowed[project.Name].Except(References(project)).Select(to => new Finding(
            project.Path, 1, $"refer to {to}, or take the arrow out of {Drawn}"))));

    [Fact]
    public void Nothing_points_at_the_edge_but_tests() => Finding.None(Checkout.Projects
        .Where(project => !project.IsTest && References(project).Contains("Api"))
        .Select(project => new Finding(project.Path, LineOf(project, "Api"), "take the reference to Api away")));

    [Fact]
    public void The_engine_comes_by_its_parts_and_never_by_name() => Finding.None(Checkout.Projects
        .Where(project => References(project).Contains("Orleans.InProcess"))
        .Select(project => new Finding(
            project.Path, LineOf(project, "Orleans.InProcess"), "name the parts in EngineParts; Directory.Build.targets adds the engine")));

    [Fact]
    public void Only_hosting_knows_what_is_behind_the_edge() => Finding.None(Checkout.CSharp
        .Where(file => file.IsIn("Api") && !file.IsIn("Api/Hosting"))
        .SelectMany(file => file.Where(
            @"\bOrleansConcert\.(Silo|Storage|Grains(?!\.Abstractions))\b",
            name => $"ask the grains through Grains.Abstractions; only Api/Hosting may know {name}",
            inCode: true)));

    [Fact]
    public void What_differs_between_the_engines_is_the_same_files_of_each()
    {
        var engines = Checkout.CSharp.Where(file => file.IsIn("Silo/Engines"))
            .GroupBy(file => file.Path.Split('/')[2], file => string.Join('/', file.Path.Split('/')[3..]))
            .ToDictionary(engine => engine.Key, engine => engine.Order(StringComparer.Ordinal).ToArray());

        Assert.Equal(["InProcess", "Orleans"], engines.Keys.Order(StringComparer.Ordinal));
        Finding.None(engines["InProcess"].Except(engines["Orleans"])
            .Select(name => new Finding($"Silo/Engines/InProcess/{name}", 1, $"write Silo/Engines/Orleans/{name} too")));
        Finding.None(engines["Orleans"].Except(engines["InProcess"])
            .Select(name => new Finding($"Silo/Engines/Orleans/{name}", 1, $"write Silo/Engines/InProcess/{name} too")));
    }

    [Fact]
    public void Engine_specific_files_are_only_in_the_silo() => Finding.None(Checkout.CSharp
        .Where(file => !file.IsTest && !file.IsIn("Silo/Engines") && file.Path.Contains("/Engines/", StringComparison.Ordinal))
        .Select(file => new Finding(file.Path, 1, "move it to Silo/Engines/<engine>")));

    private static string[] References(SourceFile project) =>
    [
        .. XDocument.Parse(project.Text).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/'))),
    ];

    private static int LineOf(SourceFile project, string reference) =>
        Array.FindIndex(project.Lines, line => line.Contains($"{reference}.csproj", StringComparison.Ordinal)) + 1;
}
