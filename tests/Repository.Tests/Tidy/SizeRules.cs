using OrleansConcert.Repository.Tests.CSharp;

namespace OrleansConcert.Repository.Tests.Tidy;

/// <summary>How long things may get.</summary>
internal static class SizeRules
{
    private const int MaxFunction = 70;
    private const int MaxGrain = 150;
    private const int MaxEndpoint = 15;

    public static IReadOnlyList<TidyRule> All { get; } =
    [
        new("A function fits a screen: at most 70 lines",
            file => file.IsCSharp,
            file => Functions(file).Where(function => function.Length > MaxFunction).Select(function => new Finding(
                file.Path, function.FirstLine, $"split {function.Name}: {function.Length} lines, {MaxFunction} are allowed")),
            new("Domain/Tall.cs", $"class Tall\n{{\n    void Grow()\n    {{\n{Statements(MaxFunction)}    }}\n}}\n")),

        new("A grain's file has at most 150 lines",
            file => file.IsCSharp && file.IsIn("Grains") && file.Path.Count(letter => letter == '/') == 1 && IsGrain(file),
            file => file.Lines.Length - 1 is > MaxGrain and var length
                ? [new(file.Path, MaxGrain, $"move rules to Domain or a part to a partial file: {length} lines, {MaxGrain} are allowed")]
                : [],
            new("Grains/FatGrain.cs", $"class FatGrain\n{{\n    void Grow()\n    {{\n{Statements(MaxGrain)}    }}\n}}\n")),

        new("An endpoint has at most 15 lines of its own",
            file => file.IsCSharp && file.IsIn("Api/Resources"),
            file => Functions(file)
                .Where(function => Regex.IsMatch(function.Header, @"\bReply\??>?\s+\w+\(") && Body(file, function) > MaxEndpoint)
                .Select(function => new Finding(
                    file.Path,
                    function.FirstLine,
                    $"let {function.Name} translate only: {Body(file, function)} lines inside, {MaxEndpoint} are allowed")),
            new(
                "Api/Resources/Fat.cs",
                $"class Fat\n{{\n    Task<Reply> Get(Call call)\n    {{\n{Statements(MaxEndpoint + 1)}    }}\n}}\n")),
    ];

    private static IEnumerable<Member> Functions(SourceFile file) =>
        file.Declared.Where(member => member.Kind is MemberKind.Function or MemberKind.Property);

    private static bool IsGrain(SourceFile file) => file.Name.Split('.')[0].EndsWith("Grain", StringComparison.Ordinal);

    /// <summary>The lines inside the braces that are not empty.</summary>
    private static int Body(SourceFile file, Member function) => file.Lines[(function.FirstLine - 1)..function.LastLine]
        .SkipWhile(line => line.Trim() != "{")
        .Skip(1)
        .SkipLast(1)
        .Count(line => line.Trim().Length > 0);

    private static string Statements(int count) => string.Concat(Enumerable.Range(0, count).Select(number => $"        Add({number});\n"));
}
