namespace OrleansConcert.Repository.Tests.CSharp;

/// <summary>Finds the declarations in masked code: a scanner of braces that knows just enough of the language to tell them apart.</summary>
internal sealed class Members
{
    private const string Modifiers =
        @"^(?:(?:public|internal|private|protected|static|sealed|abstract|partial|readonly|ref|file|unsafe|new)\s+)*";

    private static readonly Regex TypeHeader = new(
        Modifiers + @"(?:record\s+struct|record\s+class|record|class|struct|interface|enum)\s+(\w+)");

    private static readonly Regex DelegateHeader = new(Modifiers + @"delegate\s+.+?(\w+)\s*(?:<[^()]*>)?\s*\(", RegexOptions.Singleline);
    private static readonly Regex FunctionName = new(@"(\w+|operator\s*[^\s\w(]+)\s*(?:<[^()]*>)?\s*\(");
    private static readonly string[] NoNames =
        ["static", "readonly", "public", "private", "internal", "protected", "override", "async", "virtual"];

    private readonly string _code;
    private readonly List<Member> _found = [];

    private Members(string code) => _code = code;

    public static IReadOnlyList<Member> Of(string code)
    {
        var members = new Members(code);
        members.Read(0, code.Length, 0);
        return members._found;
    }

    private void Read(int from, int to, int depth)
    {
        for (var at = Skip(from, to); at < to; at = Skip(at, to))
        {
            at = One(at, to, depth);
        }
    }

    /// <summary>Over blanks, stray ends and directives.</summary>
    private int Skip(int at, int to)
    {
        while (at < to && (char.IsWhiteSpace(_code[at]) || _code[at] is ';' or ',' or '}' or '#'))
        {
            at = _code[at] == '#' && _code.IndexOf('\n', at) is >= 0 and var end ? end : at + 1;
        }

        return at;
    }

    private int One(int start, int to, int depth)
    {
        var open = Next(start, to, "{;");
        var header = WithoutAttributes(_code[start..open].Trim());
        if (open < to && _code[open] == '{' && (header.StartsWith("namespace", StringComparison.Ordinal) || IsTypeWithBody(header)))
        {
            return Body(start, open, header, depth);
        }

        var end = open;
        while (end < to && _code[end] == '{')
        {
            var close = Close(end, to);
            var after = close + 1;
            while (after < to && char.IsWhiteSpace(_code[after]))
            {
                after++;
            }

            var goesOn = HasValue(header) || (after < to && _code[after] == '=');
            end = goesOn ? Next(after, to, "{;") : close;
        }

        Add(start, Math.Min(end, to - 1), header, depth);
        return end + 1;
    }

    private int Body(int start, int open, string header, int depth)
    {
        var close = Close(open, _code.Length);
        var isType = TypeHeader.IsMatch(header);
        if (isType)
        {
            Add(start, close, header, depth);
        }

        if (!Regex.IsMatch(header, @"\benum\s+\w+"))
        {
            Read(open + 1, close, isType ? depth + 1 : depth);
        }

        return close + 1;
    }

    private static bool IsTypeWithBody(string header) => TypeHeader.IsMatch(header) && !HasValue(header);

    private void Add(int start, int end, string header, int depth)
    {
        var (kind, name) = Kind(header, _code[start..(end + 1)]);
        _found.Add(new(kind, name, header, Line(start), Line(end), depth));
    }

    private static (MemberKind Kind, string Name) Kind(string header, string whole)
    {
        var type = TypeHeader.Match(header) is { Success: true } named ? named : DelegateHeader.Match(header);
        if (type.Success)
        {
            return (MemberKind.Type, type.Groups[1].Value);
        }

        var before = BeforeValue(header);
        if (before.StartsWith("using", StringComparison.Ordinal) || before.StartsWith("global", StringComparison.Ordinal))
        {
            return (MemberKind.Other, "");
        }

        var function = FunctionName.Matches(before).FirstOrDefault(match => !NoNames.Contains(match.Groups[1].Value));
        if (function is not null)
        {
            return (MemberKind.Function, function.Groups[1].Value);
        }

        var isComputed = HasValue(header) && header[ValueAt(header)..].StartsWith("=>", StringComparison.Ordinal);
        var property = isComputed || (whole.Contains('{', StringComparison.Ordinal) && !HasValue(header));
        return (property ? MemberKind.Property : MemberKind.Other, Regex.Match(before.Trim(), @"\w*$").Value);
    }

    /// <summary>The header up to the <c>=</c> or <c>=&gt;</c> that gives a value.</summary>
    private static string BeforeValue(string header) => ValueAt(header) is >= 0 and var at ? header[..at] : header;

    private static bool HasValue(string header) => ValueAt(header) >= 0;

    private static int ValueAt(string header)
    {
        var nested = 0;
        for (var at = 0; at < header.Length; at++)
        {
            nested += header[at] switch { '(' or '[' => 1, ')' or ']' => -1, _ => 0 };
            if (header[at] == '=' && nested == 0 && !Regex.IsMatch(header[..at], @"\boperator\s*[=!<>]*$"))
            {
                return at;
            }
        }

        return -1;
    }

    private static string WithoutAttributes(string header)
    {
        while (header.StartsWith('['))
        {
            var nested = 0;
            var at = 0;
            do
            {
                nested += header[at] switch { '[' => 1, ']' => -1, _ => 0 };
                at++;
            }
            while (nested > 0 && at < header.Length);
            header = header[at..].TrimStart();
        }

        return header;
    }

    /// <summary>The next of these characters outside parentheses and brackets, or the end.</summary>
    private int Next(int from, int to, string wanted)
    {
        var nested = 0;
        for (var at = from; at < to; at++)
        {
            nested += _code[at] switch { '(' or '[' => 1, ')' or ']' => -1, _ => 0 };
            if (nested == 0 && wanted.Contains(_code[at], StringComparison.Ordinal))
            {
                return at;
            }
        }

        return to;
    }

    private int Close(int open, int to)
    {
        var nested = 0;
        for (var at = open; at < to; at++)
        {
            nested += _code[at] switch { '{' => 1, '}' => -1, _ => 0 };
            if (nested == 0)
            {
                return at;
            }
        }

        return to - 1;
    }

    private int Line(int position) => _code.AsSpan(0, position).Count('\n') + 1;
}
