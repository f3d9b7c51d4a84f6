namespace OrleansConcert.Repository.Tests;

public class SolutionTests
{
    [Fact]
    public void The_solution_contains_every_project()
    {
        var solution = Checkout.File("OrleansConcert.sln").Text.Replace('\\', '/');

        Finding.None(Checkout.Projects.Where(project => !solution.Contains($"\"{project.Path}\"", StringComparison.Ordinal))
            .Select(project => new Finding(project.Path, 1, $"dotnet sln add {project.Path}")));
    }

    [Fact]
    public void The_solution_names_no_project_that_is_gone() => Finding.None(Regex
        .Matches(Checkout.File("OrleansConcert.sln").Text, "\"([^\"]+\\.csproj)\"")
        .Select(match => match.Groups[1].Value.Replace('\\', '/'))
        .Where(path => !Checkout.Has(path))
        .Select(path => new Finding("OrleansConcert.sln", 1, $"dotnet sln remove {path}")));

    [Fact]
    public void Every_project_has_its_lock_file_in_git()
    {
        var tracked = Checkout.Tracked() ?? [.. Checkout.Files.Select(file => file.Path)];

        Finding.None(Checkout.Projects
            .Select(project => (project.Path, Lock: Regex.Replace(project.Path, "[^/]+$", "packages.InProcess.lock.json")))
            .Where(pair => !tracked.Contains(pair.Lock))
            .Select(pair => new Finding(pair.Path, 1, $"dotnet restore, then git add {pair.Lock}")));
    }

    [Fact]
    public void Versions_of_packages_are_in_one_place() => Finding.None(Checkout.Files
        .Where(file => Regex.IsMatch(file.Path, @"\.(csproj|props|targets)$") && file.Path != "Directory.Packages.props")
        .SelectMany(file => file.Where(
            @"<PackageReference\b[^>]*\bVersion(Override)?\s*=|<PackageVersion\b", _ => "move the version to Directory.Packages.props")));

    [Fact]
    public void Every_version_is_of_a_package_in_use()
    {
        var used = Checkout.Files.Where(file => Regex.IsMatch(file.Path, @"\.(csproj|props|targets)$"))
            .SelectMany(file => Regex.Matches(file.Text, "<PackageReference Include=\"([^\"]+)\"").Select(match => match.Groups[1].Value))
            .ToHashSet();
        var versions = Checkout.File("Directory.Packages.props");

        Finding.None(Regex.Matches(versions.Text, "<PackageVersion Include=\"([^\"]+)\"")
            .Where(match => !used.Contains(match.Groups[1].Value))
            .Select(match => new Finding(
                versions.Path, versions.LineAt(match.Index), $"take {match.Groups[1].Value} out: no project refers to it")));
    }

    [Fact]
    public void Every_namespace_is_that_of_its_folder() => Finding.None(Checkout.CSharp.SelectMany(file =>
    {
        var project = Checkout.Projects.Where(project => file.IsIn(Path.GetDirectoryName(project.Path)!.Replace('\\', '/')))
            .MaxBy(project => project.Path.Length);
        var expected = $"OrleansConcert.{project?.Name}";
        var found = Regex.Match(file.Code, @"(?m)^namespace\s+([\w.]+)");
        return project is null || project.Name == "Orleans.InProcess" || !found.Success
            || found.Groups[1].Value == expected || found.Groups[1].Value.StartsWith(expected + ".", StringComparison.Ordinal)
                ? []
                : new[] { new Finding(file.Path, file.LineAt(found.Index), $"let the namespace begin with {expected}") };
    }));
}
