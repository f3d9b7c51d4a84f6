namespace OrleansConcert.Repository.Tests.Deploy;

/// <summary>What is set where the programme is run.</summary>
public class DeployedSettingTests
{
    private const string SecretNames = "PASSWORD|KEY|Keys__[0-9]+";

    private static IEnumerable<SourceFile> Deployed => Checkout.Files.Where(file => file.IsIn("deploy"));

    [Fact]
    public void Every_setting_that_is_named_is_one_that_the_programme_reads()
    {
        var known = Checkout.CSharp.Where(file => !file.IsTest)
            .SelectMany(file => Regex.Matches(file.Text, "\"((?:Concert|ConnectionStrings)(?::\\w+)+)\""))
            .Select(match => match.Groups[1].Value)
            .ToHashSet();

        Finding.None(Deployed.Append(Checkout.File("docs/OPERATIONS.md")).SelectMany(file =>
            Regex.Matches(file.Text, @"\b(?:Concert|ConnectionStrings)(?:(?:__|:)[A-Za-z0-9]+)+")
                .Where(match => !known.Contains(Regex.Replace(match.Value.Replace("__", ":", StringComparison.Ordinal), @":\d+$", "")))
                .Select(match => new Finding(file.Path, file.LineAt(match.Index), $"nothing reads {match.Value}"))));
    }

    [Fact]
    public void No_connection_string_has_its_password() => Finding.None(Deployed
        .SelectMany(file => file.Where(@"Password=(?!\$|\.\.\.|\s|$)", _ => "take the password out: $VARIABLE, or nothing in an example")));

    [Fact]
    public void Every_secret_of_an_example_is_left_to_fill_in() => Finding.None(Deployed
        .Where(file => file.Path.EndsWith(".example", StringComparison.Ordinal))
        .SelectMany(file => file.Where($@"(?m)^#?\w*(?:{SecretNames})=.+$", line => $"leave '{line.Split('=')[0]}=' empty")));

    [Fact]
    public void Every_secret_of_a_manifest_comes_from_elsewhere() => Finding.None(Yaml.Files.SelectMany(file =>
        file.Where($@"(?m)^\s+[\w-]*(?:{SecretNames}): (?!\$\{{\w+:\?).+$", line => $"'{line.Trim()}': write ${{NAME:?what to do}}")
            .Concat(Yaml.Documents(file)
                .SelectMany(document => document.Everywhere("env"))
                .SelectMany(list => list.Items())
                .Where(variable => Regex.IsMatch(variable.Text("name") ?? "", SecretNames)
                    && variable.At("valueFrom", "secretKeyRef") is null)
                .Select(variable => new Finding(file.Path, variable.Line(), $"take {variable.Text("name")} from a Secret")))));

    [Fact]
    public void The_example_of_the_compose_file_has_every_variable_that_is_asked_for()
    {
        var asked = Regex.Matches(Checkout.File("deploy/compose.yaml").Text, @"\$\{(\w+)(:[?-])");
        var example = Example("deploy/.env.example");

        Assert.Equal(asked.Select(match => match.Groups[1].Value).Append("COMPOSE_PROJECT_NAME").ToHashSet(), [.. example.Keys]);
        Assert.Equal(
            asked.Where(match => match.Groups[2].Value == ":?").Select(match => match.Groups[1].Value).ToHashSet(),
            [.. example.Where(line => line.Value.Length == 0).Select(line => line.Key)]);
    }

    [Fact]
    public void The_example_of_the_local_cluster_has_every_key_of_its_secret()
    {
        var asked = Yaml.Files.Where(file => file.IsIn("deploy/kubernetes"))
            .SelectMany(Yaml.Documents)
            .SelectMany(document => document.Everywhere("secretKeyRef"))
            .Select(key => key.Text("key"))
            .ToHashSet();

        Assert.Equal(asked, [.. Example("deploy/kubernetes/local/.env.example").Keys]);
    }

    private static Dictionary<string, string> Example(string path) => Checkout.File(path).Lines
        .Select(line => Regex.Match(line, @"^(\w+)=(.*)$"))
        .Where(match => match.Success)
        .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
}
