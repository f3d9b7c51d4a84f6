namespace OrleansConcert.Repository.Tests.Deploy;

/// <summary>The images of deploy/docker/Dockerfile, by their targets.</summary>
internal static class Dockerfile
{
    /// <summary>What our images are called before the name of their target.</summary>
    public const string Ours = "orleansconcert-";

    public static SourceFile File => Checkout.File("deploy/docker/Dockerfile");

    /// <summary>Its instructions, continued lines joined.</summary>
    public static IReadOnlyList<(int Line, string Word, string What)> Instructions =>
    [
        .. Regex.Matches(Regex.Replace(File.Text, @"\\\n", "\\ "), @"(?m)^([A-Z]+) +(.+)$")
            .Select(match => (File.LineAt(match.Index), match.Groups[1].Value, match.Groups[2].Value)),
    ];

    /// <summary>The names of its stages, and what each begins with.</summary>
    public static Dictionary<string, string> Stages => Instructions.Where(instruction => instruction.Word == "FROM")
        .Select(instruction => instruction.What.Split(' '))
        .ToDictionary(words => words[2], words => words[0]);

    /// <summary>The ports that an image listens on.</summary>
    public static IReadOnlyList<string> Ports(string image) => Last(image.Split(':')[0][Ours.Length..], "EXPOSE")?.Split(' ') ?? [];

    /// <summary>The rest of the last such instruction of a stage and of what it begins with.</summary>
    public static string? Last(string stage, string word)
    {
        string? current = null, last = null;
        foreach (var (_, what, rest) in Instructions)
        {
            current = what == "FROM" ? rest.Split(' ')[2] : current;
            last = current == stage && what == word ? rest : last;
        }

        return last ?? (Stages.TryGetValue(stage, out var from) ? Last(from, word) : null);
    }
}
