namespace OrleansConcert.Repository.Tests.Tidy;

/// <summary>What is not written down here. The words are put together from halves, so that this file does not hold them.</summary>
internal static class WordRules
{
    private static readonly string Unfinished = AnyOf("TO" + "DO", "FIX" + "ME", "HA" + "CK", "X" + "XX");
    private static readonly string Registries = AnyOf(
        "nu" + "get.org", "npm" + "js.org", "npm" + "js.com", "py" + "pi.org", "crates" + ".io", "art" + "ifactory", "j" + "frog",
        "proxy.go" + "lang.org", "pkgs.dev.azure" + ".com", "my" + "get.org", "maven" + ".org", "nexus/" + "repository");

    private static readonly string Machines = string.Concat(
        @"(?<![\w.)}])/(", string.Join('|', "ho" + "me", "ro" + "ot", "tm" + "p", "Us" + "ers", "wo" + "rk", "m" + "nt"), ")/");

    private static readonly string Assistants = AnyOf(
        "cla" + "ude", "anth" + "ropic", "chat" + "gpt", "open" + "ai", "gpt-" + "[0-9]", "cop" + "ilot", "gem" + "ini", "cur" + "sor ai",
        "code" + "ium", "language " + "model", "l" + "lm", "ai " + "assistant", "co-authored" + "-by");

    private static readonly string Secrets = string.Join(
        '|',
        "-----BEGIN [A-Z ]*PRIVATE KEY",
        "AKIA[0-9A-Z]{16}",
        "gh[pousr]_[A-Za-z0-9]{36}",
        "eyJ[A-Za-z0-9_-]{10,}\\.eyJ",
        "(?i)(password|secret|apikey|api_key)\\s*[=:]\\s*\"[^\"\\s{}$]{6,}\"");

    public static IReadOnlyList<TidyRule> All { get; } =
    [
        new("Nothing is left for later",
            _ => true,
            file => file.Where(Unfinished, word => $"do it or leave it, and take '{word}' away"),
            new("Domain/Later.cs", $"// {"TO" + "DO"}: later\n")),

        new("What is there is there",
            file => file.IsCSharp,
            file => file.Where(
                @"\bNotImplementedException\b", word => $"implement it, or take the member that throws {word} away", inCode: true),
            new("Domain/Absent.cs", "class Absent { void Do() => throw new NotImplementedException(); }\n")),

        new("No test is skipped",
            file => file.IsCSharp && file.IsTest,
            file => file.Where(@"\[(Fact|Theory|InlineData|MemberData)\([^\]]*\bSkip\s*=", _ => "run the test or delete it", inCode: true),
            new("tests/Some.Tests/Skipped.cs", "class Skipped\n{\n    [Fact(Skip = \"\")]\n    public void A_b_c() { }\n}\n")),

        new("No test sleeps on the real clock",
            file => file.IsCSharp && file.IsTest && !RunsOnTheRealClock(file),
            file => file.Where(
                @"\bThread\.Sleep\b|\bTask\.Delay\((?![^;]*\b[tT]ime\b)",
                call => $"wait for a condition or on a TimeProvider instead of {call.TrimEnd('(')}",
                inCode: true),
            new("tests/Some.Tests/Sleepy.cs", "class Sleepy { Task A_b_c() => Task.Delay(100); }\n")),

        new("Nothing is async void",
            file => file.IsCSharp,
            file => file.Where(@"\basync\s+void\b", _ => "return a Task: nobody sees an exception of async void", inCode: true),
            new("Domain/Void.cs", "class Void { async void Do() { } }\n")),

        new("There is one source for both engines: no conditional compilation",
            file => file.IsCSharp,
            file => file.Where(
                @"(?m)^\s*#\s*(if|elif|else|endif|define)\b",
                word => $"put what differs in Silo/Engines/<engine> instead of {word.Trim()}",
                inCode: true),
            new("Silo/Conditional.cs", "#if ORLEANS\n")),

        new("Rules, grains and edge know no engine",
            file => file.IsIn("Domain", "Grains.Abstractions", "Grains", "Api")
                && !file.Path.EndsWith(".lock.json", StringComparison.Ordinal),
            file => file.Where("(?i)InProcess", word => $"take the engine's name '{word}' out; only Silo/Engines may know it"),
            new("Grains/Knowing.cs", "using Orleans.InProcess;\n")),

        new("No host of a package registry is named",
            _ => true,
            file => file.Where(Registries, word => $"take '{word}' out: where packages come from is the machine's business"),
            new("docs/FEED.md", "Packages are at api." + "nu" + "get.org.\n")),

        new("No path of somebody's machine is named",
            file => !file.IsTest,
            file => file.Where(Machines, word => $"take '{word}' out: name paths from the root of the repository"),
            new("docs/WHERE.md", "See /ho" + "me/alice/concert.\n")),

        new("No tool that helped is named",
            _ => true,
            file => file.Where(Assistants, word => $"take '{word}' out: who or what helped does not belong into the repository"),
            new("docs/WHO.md", "Asked cla" + "ude.\n")),

        new("No secret is kept here",
            file => !file.Path.EndsWith(".lock.json", StringComparison.Ordinal),
            file => file.Where(Secrets, word => $"take the secret that begins '{word[..6]}' out and change it where it is used"),
            new("Api/Leaky.cs", "const string Key = \"AK" + "IA0123456789ABCDEF\";\n")),
    ];

    /// <summary>Faults are done to real processes, and benchmarks measure real time.</summary>
    private static bool RunsOnTheRealClock(SourceFile file) => file.IsIn("tests/Faults", "tests/Bench");

    private static string AnyOf(params string[] words) =>
        $"(?<![A-Za-z])({(words[0].All(char.IsUpper) ? "?:" : "?i:")}{string.Join('|', words)})(?![A-Za-z])";
}
