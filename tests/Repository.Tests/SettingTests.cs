namespace OrleansConcert.Repository.Tests;

/// <summary>README.md and the readers of the settings say the same.</summary>
public class SettingTests
{
    private static SourceFile Readme => Checkout.File("README.md");

    /// <summary>Of the server, and of a cluster's silo.</summary>
    private static SourceFile[] Readers => [Checkout.File("Api/Hosting/SettingsReader.cs"), Checkout.File("Silo/SiloSettingsReader.cs")];

    private static SourceFile[] Keepers => [Checkout.File("Api/Hosting/Settings.cs"), Checkout.File("Silo/SiloSettings.cs")];

    private static IReadOnlyList<(int Line, string[] Cells)> Rows => Markdown.Rows(Readme, "setting");

    private static IEnumerable<string> Documented => Rows.Select(row => row.Cells[0].Trim('`'));

    [Fact]
    public void Every_setting_that_is_read_is_in_the_readme() => Finding.None(Readers.SelectMany(
        reader => Regex.Matches(reader.Text, "\"(Concert(?::\\w+)+)\"")
            .Where(match => !Documented.Contains(match.Groups[1].Value))
            .Select(match => new Finding(
                reader.Path, reader.LineAt(match.Index), $"describe {match.Groups[1].Value} in README.md"))));

    [Fact]
    public void Every_setting_of_the_readme_is_read() => Finding.None(Rows
        .Where(row => !Readers.Any(reader => reader.Text.Contains($"\"{row.Cells[0].Trim('`')}\"", StringComparison.Ordinal)))
        .Select(row => new Finding(Readme.Path, row.Line, $"{row.Cells[0]} is not read by anything")));

    [Fact]
    public void Every_setting_is_described_where_it_is_kept() => Finding.None(Documented
        .Where(name => !Keepers.Any(keeper => keeper.Text.Contains($"<c>{name}</c>", StringComparison.Ordinal)))
        .Select(name => new Finding(Keepers[0].Path, 1, $"say in the summary of the property that <c>{name}</c> sets it")));

    [Fact]
    public void Settings_are_read_in_one_place() => Finding.None(Checkout.CSharp
        .Where(file => !file.IsTest && Readers.All(reader => reader.Path != file.Path))
        .SelectMany(file => file.Where("(?m)^(?!\\s*//).*\\[\"Concert:\\w+", name => $"read {name.Trim()} in {Readers[0].Path}")));
}
