using System.Xml.Linq;

namespace OrleansConcert.Repository.Tests.Deploy;

public class ImageTests
{
    private const string Pinned = @"^[\w./-]+:\d+\.\d+[\w.-]*$";

    private static readonly string[] Targets = ["silo", "api"];

    private static string Version => Regex.Match(Checkout.File("Directory.Build.props").Text, "<Version>(.+)</Version>").Groups[1].Value;

    private static IEnumerable<(string Path, int Line, string Image)> Named => Yaml.Files
        .SelectMany(file => Yaml.Documents(file)
            .SelectMany(document => document.Everywhere("image"))
            .Select(image => (file.Path, image.Line(), image.Text()!)));

    private static IEnumerable<(string Path, int Line, string Image)> BuiltOn => Dockerfile.Instructions
        .Where(instruction => instruction.Word == "FROM" && !Dockerfile.Stages.ContainsKey(instruction.What.Split(' ')[0]))
        .Select(instruction => (Dockerfile.File.Path, instruction.Line, instruction.What.Split(' ')[0]));

    [Fact]
    public void Every_image_is_pinned_to_a_version() => Finding.None(Named.Concat(BuiltOn)
        .Where(named => !Regex.IsMatch(named.Image, Pinned))
        .Select(named => new Finding(named.Path, named.Line, $"say which version of {named.Image}, by major and minor at least")));

    [Fact]
    public void Our_images_have_the_version_that_is_built() => Finding.None(Named
        .Where(named => named.Image.StartsWith(Dockerfile.Ours, StringComparison.Ordinal))
        .Where(named => !Targets.Select(target => $"{Dockerfile.Ours}{target}:{Version}").Contains(named.Image))
        .Select(named => new Finding(
            named.Path, named.Line, $"name {Dockerfile.Ours}silo:{Version} or {Dockerfile.Ours}api:{Version}, not {named.Image}")));

    [Fact]
    public void No_image_runs_as_root() => Finding.None(Targets
        .Where(target => Dockerfile.Last(target, "USER") is not "$APP_UID")
        .Select(target => new Finding(Dockerfile.File.Path, 1, $"let {target} run as USER $APP_UID")));

    [Fact]
    public void Every_image_listens_where_it_says() => Finding.None(Targets
        .Where(target => !Dockerfile.Ports(Dockerfile.Ours + target)
            .Contains(Regex.Match(Dockerfile.Last(target, "ENV") ?? "", @"=http://0\.0\.0\.0:(\d+)$").Groups[1].Value))
        .Select(target => new Finding(Dockerfile.File.Path, 1, $"let the address of {target} be on a port that it exposes")));

    [Fact]
    public void An_image_is_built_from_the_projects_that_it_needs_and_no_others()
    {
        var needed = Closure("Api").Concat(Closure("Silo")).Distinct().Order(StringComparer.Ordinal).ToList();

        Assert.Equal(needed, Copied(@"^(\S+)/\1\.csproj \1/$"));
        Assert.Equal(needed, Copied(@"^(?!build/)(\S+)/ \1/$"));
    }

    [Fact]
    public void What_an_image_is_built_from_is_not_ignored()
    {
        var letIn = Checkout.File(".dockerignore").Lines.Where(line => line.StartsWith('!')).Select(line => line[1..]).ToList();

        Finding.None(Dockerfile.Instructions
            .Where(instruction => instruction.Word == "COPY" && !instruction.What.StartsWith("--from", StringComparison.Ordinal))
            .SelectMany(instruction => instruction.What.Split(' ').SkipLast(1).Select(path => (instruction.Line, Top: path.Split('/')[0])))
            .Where(copied => !letIn.Any(name => name == copied.Top || (name.EndsWith(".*", StringComparison.Ordinal)
                && copied.Top.StartsWith(name[..^1], StringComparison.Ordinal))))
            .Select(copied => new Finding(
                Dockerfile.File.Path, copied.Line, $"let {copied.Top} in with a line !{copied.Top} of .dockerignore")));
    }

    private static List<string> Copied(string pattern) =>
    [
        .. Dockerfile.Instructions.Where(instruction => instruction.Word == "COPY")
            .Select(instruction => Regex.Match(instruction.What, pattern))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>A project and all that it refers to.</summary>
    private static IEnumerable<string> Closure(string project) => XDocument.Parse(Checkout.File($"{project}/{project}.csproj").Text)
        .Descendants("ProjectReference")
        .SelectMany(reference => Closure(reference.Attribute("Include")!.Value.Split('/')[1]))
        .Prepend(project);
}
