using OrleansConcert.Repository.Tests.CSharp;

namespace OrleansConcert.Repository.Tests.Tidy;

/// <summary>How types are named, placed and described.</summary>
internal static class TypeRules
{
    private const string TestMethod =
        @"\[(?:Fact\w*|Theory)\b[^\]]*\]\s*(?:\[[^\]]*\]\s*)*public\s+(?:async\s+)?[\w<>]+\s+(\w+)\s*\(";

    private const int MaxCompanions = 3;
    private const string Suffixes = "(Manager|Helper|Helpers|Utils|Util|Dto|Impl|Processor)$";

    /// <summary>Files that hold a family of small types, and are named for the family.</summary>
    private static readonly string[] Families =
    [
        "Domain/Access/Tokens.cs",
        "Grains.Abstractions/Views.cs",
        "Grains/Journal/IJournal.cs",
        "Orleans.InProcess/Contracts/Annotations.cs",
        "Orleans.InProcess/Contracts/ConcurrencyAttributes.cs",
        "Orleans.InProcess/Contracts/Exceptions.cs",
        "Orleans.InProcess/Contracts/GrainTimers.cs",
        "Orleans.InProcess/Contracts/Options.cs",
        "Orleans.InProcess/Reminders/Contracts.cs",
        "Orleans.InProcess/Serialization/ImmutableCopiers.cs",
        "Orleans.InProcess/Storage/IStorage.cs",
        "tests/Engine.Tests/InProcess/SimulationGrains.cs",
    ];

    public static IReadOnlyList<TidyRule> All { get; } =
    [
        new("No type has a name that says nothing",
            file => file.IsCSharp,
            file => Types(file).Where(type => Regex.IsMatch(type.Name, Suffixes)).Select(type => new Finding(
                file.Path, type.FirstLine, $"name {type.Name} for what it is in the domain (docs/GLOSSARY.md)")),
            new("Domain/SeatManager.cs", "class SeatManager;\n")),

        new("A file is named for the type in it",
            file => file.IsCSharp && !Families.Contains(file.Path),
            file => Types(file).Where(type => type.Depth == 0).ToList() is { Count: > 0 } types
                && types.All(type => type.Name != file.Name.Split('.')[0])
                    ? [new(file.Path, types[0].FirstLine, $"rename the file for the type that it is about, such as {types[0].Name}.cs")]
                    : [],
            new("Domain/Other.cs", "public sealed class Something;\n")),

        new("A public type has a file of its own, shared with a few companions at the most",
            file => file.IsCSharp && !file.IsTest && !Families.Contains(file.Path),
            file => Companions(file).Skip(MaxCompanions).Select(type => new Finding(
                file.Path, type.FirstLine, $"move {type.Name} to a file of its own: {MaxCompanions} companions are allowed")),
            new(
                "Domain/Crowd.cs",
                "class Crowd;\npublic class A;\npublic class B;\npublic class C;\npublic class D;\npublic class E : Crowd;\n")),

        new("A public type says what it is",
            file => file.IsCSharp && file.IsIn("Domain", "Grains.Abstractions", "Storage", "Silo"),
            file => Types(file).Where(type => type.IsPublic && !IsDescribed(file, type)).Select(type => new Finding(
                file.Path, type.FirstLine, $"give {type.Name} a <summary> of one sentence")),
            new("Domain/Silent.cs", "public sealed class Silent;\n")),

        new("Tests are sentences with underscores",
            file => file.IsCSharp && file.IsTest,
            file => Regex.Matches(file.Code, TestMethod)
                .Where(match => match.Groups[1].Value.Count(letter => letter == '_') < 2)
                .Select(match => new Finding(
                    file.Path, file.LineAt(match.Groups[1].Index), $"make the name {match.Groups[1].Value} a sentence with underscores")),
            new("tests/Some.Tests/Terse.cs", "class Terse\n{\n    [Fact]\n    public void Works() { }\n}\n")),
    ];

    /// <summary>The other public types of a file, its kinds (such as the events under their base) not counted.</summary>
    private static IEnumerable<Member> Companions(SourceFile file) => Types(file).Where(type => type.Depth == 0 && type.IsPublic
        && type.Name != file.Name.Split('.')[0] && !Regex.IsMatch(type.Header, $@":\s*{Regex.Escape(file.Name)}\b"));

    public static IEnumerable<Member> Types(SourceFile file) => file.Declared.Where(member => member.Kind == MemberKind.Type);

    /// <summary>Whether a summary stands right above a member, or above another part of the same type.</summary>
    public static bool IsDescribed(SourceFile file, Member member)
    {
        var above = member.FirstLine - 2;
        while (above >= 0 && file.Lines[above].TrimStart().StartsWith("///", StringComparison.Ordinal))
        {
            if (Regex.IsMatch(file.Lines[above], "<summary>|<inheritdoc"))
            {
                return true;
            }

            above--;
        }

        return false;
    }
}
