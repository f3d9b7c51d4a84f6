namespace OrleansConcert.Repository.Tests;

/// <summary>README.md and the reader of the settings say the same.</summary>
public class SettingTests
{
    private static SourceFile Readme => Checkout.File("README.md");

    private static SourceFile Reader => Checkout.File("Api/Hosting/SettingsReader.cs");

    private static IReadOnlyList<(int Line, string[] Cells)> Rows => Markdown.Rows(Readme, "setting");

    private static IEnumerable<string> Documented => Rows.Select(row => row.Cells[0].Trim('`'));

    [Fact]
    public void Every_setting_that_is_read_is_in_the_readme() => Finding.None(Regex.Matches(Reader.Text, "\"(Concert(?::\\w+)+)\"")
        .Where(match => !Documented.Contains(match.Groups[1].Value))
        .Select(match => new Finding(
            Reader.Path, Reader.LineAt(match.Index), $"describe {match.Groups[1].Value} in README.md, 'Running it'")));

    [Fact]
    public void Every_setting_of_the_readme_is_read() => Finding.None(Rows
        .Where(row => !Reader.Text.Contains($"\"{row.Cells[0].Trim('`')}\"", StringComparison.Ordinal))
        .Select(row => new Finding(Readme.Path, row.Line, $"{row.Cells[0]} is not read in {Reader.Path}")));

    [Fact]
    public void Every_setting_is_described_where_it_is_kept() => Finding.None(Documented
        .Where(name => !Checkout.File("Api/Hosting/Settings.cs").Text.Contains($"<c>{name}</c>", StringComparison.Ordinal))
        .Select(name => new Finding("Api/Hosting/Settings.cs", 1, $"say in the summary of the property that <c>{name}</c> sets it")));

    [Fact]
    public void Settings_are_read_in_one_place() => Finding.None(Checkout.CSharp
        .Where(file => !file.IsTest && file.Path != Reader.Path)
        .SelectMany(file => file.Where("(?m)^(?!\\s*//).*\\[\"Concert:\\w+", name => $"read {name.Trim()} in {Reader.Path}")));
}
