using OrleansConcert.Repository.Tests.CSharp;

namespace OrleansConcert.Repository.Tests;

/// <summary>A file of the repository by its path from the root, with <c>/</c> on every system.</summary>
internal sealed class SourceFile(string path, string text)
{
    private readonly Lazy<string> _code = new(() => CodeMask.Of(text));
    private readonly Lazy<IReadOnlyList<Member>> _members = new(() => Members.Of(CodeMask.Of(text)));
    private readonly Lazy<string[]> _lines = new(() => text.Split('\n'));

    public string Path => path;

    public string Text => text;

    /// <summary>The lines, without their ends; the first has the index 0.</summary>
    public string[] Lines => _lines.Value;

    /// <summary>The text of a C# file, its comments and the insides of its literals blanked.</summary>
    public string Code => _code.Value;

    /// <summary>What a C# file declares, nested types and their members included.</summary>
    public IReadOnlyList<Member> Declared => _members.Value;

    public bool IsCSharp => path.EndsWith(".cs", StringComparison.Ordinal);

    public bool IsDocument => path.EndsWith(".md", StringComparison.Ordinal);

    public bool IsTest => IsIn("tests");

    /// <summary>The file's name without folders and without the last ending.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(path);

    public bool IsIn(params ReadOnlySpan<string> folders)
    {
        foreach (var folder in folders)
        {
            if (path.StartsWith(folder + "/", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The line of a position in the text, from 1.</summary>
    public int LineAt(int position) => text.AsSpan(0, position).Count('\n') + 1;

    /// <summary>One finding a match.</summary>
    public IEnumerable<Finding> Where(string pattern, Func<string, string> whatToDo, bool inCode = false) =>
        Regex.Matches(inCode ? Code : text, pattern).Select(match => new Finding(path, LineAt(match.Index), whatToDo(match.Value)));

    public override string ToString() => path;
}
