using OrleansConcert.Repository.Tests.CSharp;
using OrleansConcert.Repository.Tests.Tidy;

namespace OrleansConcert.Repository.Tests;

/// <summary>docs/PROBLEMS.md is the table of Api/Problems/ProblemCode.cs, told to those who call.</summary>
public class ProblemTests
{
    private static SourceFile Document => Checkout.File("docs/PROBLEMS.md");

    private static SourceFile Table => Checkout.File("Api/Problems/ProblemCode.cs");

    private static IReadOnlyList<(int Line, string[] Cells)> Rows => Markdown.Rows(Document, "code");

    private static IReadOnlyList<(string Code, string Status, bool Retryable)> Codes =>
    [
        .. Regex.Matches(Table.Text, "=\\s+Of\\((\\d+), \"([A-Z_]+)\", \"[^\"]+\"(, true)?\\)")
            .Select(match => (match.Groups[2].Value, match.Groups[1].Value, match.Groups[3].Success)),
    ];

    [Fact]
    public void Every_code_is_documented_in_the_order_of_the_table()
    {
        Assert.Equal(Regex.Count(Table.Code, @"static readonly ProblemCode \w+"), Codes.Count);
        Assert.Equal(Codes.Select(code => $"`{code.Code}`"), Rows.Select(row => row.Cells[0]));
    }

    [Fact]
    public void Every_code_has_its_status_and_says_whether_a_retry_can_help() => Finding.None(Rows.Zip(Codes)
        .Where(pair => pair.First.Cells is not [_, var status, { Length: > 0 }, _, var retry]
            || status != pair.Second.Status
            || !retry.StartsWith(pair.Second.Retryable ? "yes" : "no", StringComparison.Ordinal))
        .Select(pair => new Finding(
            Document.Path,
            pair.First.Line,
            $"say of {pair.Second.Code}: status {pair.Second.Status}, when it is sent, what it carries, "
            + $"and whether a retry can help: {(pair.Second.Retryable ? "'yes' and when" : "'no'")}")));

    [Fact]
    public void What_a_problem_carries_is_what_the_edge_adds()
    {
        var added = Checkout.CSharp.Where(file => file.IsIn("Api"))
            .SelectMany(file => Regex.Matches(file.Text, "\\.With\\(\"(\\w+)\"").Select(match => match.Groups[1].Value))
            .ToHashSet();
        var documented = Rows.SelectMany(row => Markdown.Quoted(row.Cells[3]).Select(member => (row.Line, Member: member))).ToList();

        Finding.None(documented.Where(carried => !added.Contains(carried.Member))
            .Select(carried => new Finding(Document.Path, carried.Line, $"no problem carries {carried.Member}")));
        Finding.None(added.Except(documented.Select(carried => carried.Member))
            .Select(member => new Finding(Document.Path, 1, $"say which problems carry {member}")));
    }

    [Fact]
    public void Every_code_is_sent_somewhere() => Finding.None(Regex.Matches(Table.Text, @"static readonly ProblemCode (\w+)")
        .Where(match => !Checkout.CSharp.Any(file => file.IsIn("Api") && file.Path != Table.Path
            && Regex.IsMatch(file.Code, $@"\b{match.Groups[1].Value}\b")))
        .Select(match => new Finding(
            Table.Path, Table.LineAt(match.Index), $"nothing sends {match.Groups[1].Value}: take it out here and in {Document.Path}")));

    /// <summary>A reason is obvious where the problem that says it has the same name.</summary>
    [Fact]
    public void Every_reason_of_a_refusal_is_obvious_or_described()
    {
        var codes = Codes.Select(code => code.Code.Replace("_", "", StringComparison.Ordinal)).ToHashSet(StringComparer.OrdinalIgnoreCase);

        Finding.None(Checkout.CSharp.Where(file => file.IsIn("Domain")).SelectMany(file => TypeRules.Types(file)
            .Where(type => type.Name.EndsWith("Refusal", StringComparison.Ordinal))
            .SelectMany(type => Reasons(file, type))
            .Where(reason => !codes.Contains(reason.Name) && !TypeRules.IsDescribed(file, reason))
            .Select(reason => new Finding(file.Path, reason.FirstLine, $"say in a <summary> when {reason.Name} is the answer"))));
    }

    private static IEnumerable<Member> Reasons(SourceFile file, Member type) => Enumerable.Range(type.FirstLine, type.Length)
        .Select(line => (Line: line, Match: Regex.Match(file.Code.Split('\n')[line - 1], @"^\s+(\w+),\s*$")))
        .Where(found => found.Match.Success)
        .Select(found => new Member(MemberKind.Other, found.Match.Groups[1].Value, "", found.Line, found.Line, 1));
}
