namespace OrleansConcert.Repository.Tests;

/// <summary>What the tests read out of documents.</summary>
internal static class Markdown
{
    /// <summary>The body of the fenced block with that info string, such as <c>sh walkthrough</c>.</summary>
    public static string Block(SourceFile file, string info)
    {
        var match = Regex.Match(file.Text, $@"^```{Regex.Escape(info)}\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline);
        Assert.True(match.Success, $"{file.Path}: has no block marked ```{info}; put it back.");
        return match.Groups[1].Value;
    }

    /// <summary>The cells of every row of the tables whose first column has that heading; headings left out.</summary>
    public static IReadOnlyList<(int Line, string[] Cells)> Rows(SourceFile file, string firstHeading)
    {
        var rows = new List<(int, string[])>();
        var inTable = false;
        for (var index = 0; index < file.Lines.Length; index++)
        {
            var line = file.Lines[index];
            if (!line.StartsWith('|'))
            {
                inTable = false;
            }
            else if (Cells(line) is var cells && cells[0] == firstHeading)
            {
                inTable = true;
            }
            else if (inTable && !line.StartsWith("|-", StringComparison.Ordinal))
            {
                rows.Add((index + 1, cells));
            }
        }

        Assert.True(rows.Count > 0, $"{file.Path}: has no table whose first column is '{firstHeading}'.");
        return rows;
    }

    /// <summary>The words between backticks, of running text only.</summary>
    public static IEnumerable<(int Line, string Code)> Quoted(SourceFile file) => Running(file)
        .SelectMany(line => Quoted(line.Text).Select(code => (line.Number, code)));

    public static IEnumerable<string> Quoted(string text) => Regex.Matches(text, "`([^`]+)`").Select(match => match.Groups[1].Value);

    /// <summary>The targets of links.</summary>
    public static IEnumerable<(int Line, string Target)> Links(SourceFile file) => Running(file)
        .SelectMany(line => Regex.Matches(line.Text, @"\]\(([^)\s]+)\)").Select(match => (line.Number, match.Groups[1].Value)));

    /// <summary>The anchor that a heading gets.</summary>
    public static string Anchor(string heading) =>
        Regex.Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-');

    /// <summary>The lines that are not in a fenced block.</summary>
    public static IEnumerable<(int Number, string Text)> Running(SourceFile file)
    {
        var isFenced = false;
        for (var index = 0; index < file.Lines.Length; index++)
        {
            var isFence = file.Lines[index].StartsWith("```", StringComparison.Ordinal);
            isFenced ^= isFence;
            if (!isFenced && !isFence)
            {
                yield return (index + 1, file.Lines[index]);
            }
        }
    }

    private static string[] Cells(string row) => [.. row.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];
}
