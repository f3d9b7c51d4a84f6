namespace OrleansConcert.Domain;

/// <summary>Which texts may name things, or say why. All comparisons are ordinal and case matters.</summary>
public static class Names
{
    /// <summary>1 to 64 of <c>A-Za-z0-9_-</c>: concerts, schedules, queues.</summary>
    public const string IdRule = "1 to 64 of A-Z a-z 0-9 _ -";

    /// <summary>1 to 64 of <c>A-Za-z0-9._-</c>.</summary>
    public const string UserIdRule = "1 to 64 of A-Z a-z 0-9 . _ -";

    /// <summary>1 to 16 of <c>A-Za-z0-9_</c>.</summary>
    public const string SectionRule = "1 to 16 of A-Z a-z 0-9 _";

    /// <summary>The longest reason that somebody may give, in characters.</summary>
    public const int MaxWhyLength = 200;

    public static bool IsId(string? text) => IsMadeOf(text, 64, "_-");

    public static bool IsUserId(string? text) => IsMadeOf(text, 64, "._-");

    public static bool IsSection(string? text) => IsMadeOf(text, 16, "_");

    public static bool IsWhy(string? text) =>
        !string.IsNullOrWhiteSpace(text) && text.Length <= MaxWhyLength && !text.Any(char.IsControl);

    private static bool IsMadeOf(string? text, int longest, string alsoAllowed)
    {
        if (text is null || text.Length == 0 || text.Length > longest)
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && !alsoAllowed.Contains(character, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
