using OrleansConcert.Repository.Tests.Tidy;

namespace OrleansConcert.Repository.Tests;

public class TidyTests
{
    public static TheoryData<string> Rules => [.. TidyRules.All.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Every_file_keeps_the_rule(string rule) => Finding.None(Checkout.Files.SelectMany(Named(rule).In));

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_rule_finds_what_is_wrong_in_its_sample(string rule)
    {
        var finding = Assert.Single(Named(rule).In(Named(rule).Bad));

        Assert.Equal(Named(rule).Bad.Path, finding.Path);
        Assert.InRange(finding.Line, 1, Named(rule).Bad.Lines.Length);
    }

    private static TidyRule Named(string name) => TidyRules.All.Single(rule => rule.Name == name);
}
