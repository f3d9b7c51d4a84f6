namespace OrleansConcert.Repository.Tests.CSharp;

/// <summary>
/// Blanks comments and the insides of literals, and keeps every line where it is, so that what is left can be searched for words
/// and braces. The holes of interpolated strings are blanked with them.
/// </summary>
internal sealed class CodeMask
{
    private readonly string _text;
    private readonly char[] _masked;
    private int _at;

    private CodeMask(string text)
    {
        _text = text;
        _masked = text.ToCharArray();
    }

    public static string Of(string text)
    {
        var mask = new CodeMask(text);
        while (mask._at < text.Length)
        {
            mask.Step();
        }

        return new string(mask._masked);
    }

    private void Step()
    {
        if (Sees("//"))
        {
            BlankTo(End("\n", _at));
        }
        else if (Sees("/*"))
        {
            BlankTo(End("*/", _at + 2) + 2);
        }
        else if (_text[_at] == '\'')
        {
            BlankTo(EndOfQuoted('\'', _at + 1));
        }
        else if (_text[_at] is '"' or '$' or '@' && Literal() is { } end)
        {
            BlankTo(end);
        }
        else
        {
            _at++;
        }
    }

    /// <summary>Where the string literal that begins here ends, or null where none begins.</summary>
    private int? Literal()
    {
        var at = _at;
        var dollars = 0;
        var verbatim = false;
        for (; at < _text.Length && _text[at] is '$' or '@'; at++)
        {
            dollars += _text[at] == '$' ? 1 : 0;
            verbatim |= _text[at] == '@';
        }

        var quotes = 0;
        while (at + quotes < _text.Length && _text[at + quotes] == '"')
        {
            quotes++;
        }

        return (quotes, verbatim) switch
        {
            (0, _) => null,
            ( >= 3, false) => End(new string('"', quotes), at + quotes) + quotes,
            (2, false) => at + 2,
            (_, true) => EndOfVerbatim(at + 1),
            _ => dollars > 0 ? EndOfInterpolated(at + 1) : EndOfQuoted('"', at + 1),
        };
    }

    private int EndOfQuoted(char quote, int at)
    {
        while (at < _text.Length && _text[at] != quote && _text[at] != '\n')
        {
            at += _text[at] == '\\' ? 2 : 1;
        }

        return at + 1;
    }

    private int EndOfVerbatim(int at)
    {
        while (at < _text.Length && (_text[at] != '"' || (at + 1 < _text.Length && _text[at + 1] == '"')))
        {
            at += _text[at] == '"' ? 2 : 1;
        }

        return at + 1;
    }

    /// <summary>A hole may hold literals of its own.</summary>
    private int EndOfInterpolated(int at)
    {
        var holes = 0;
        while (at < _text.Length && (_text[at] != '"' || holes > 0))
        {
            var isDoubled = at + 1 < _text.Length && _text[at + 1] == _text[at];
            (at, holes) = _text[at] switch
            {
                '\\' => (at + 2, holes),
                '{' when isDoubled && holes == 0 => (at + 2, holes),
                '{' => (at + 1, holes + 1),
                '}' when holes > 0 => (at + 1, holes - 1),
                '"' => (EndOfQuoted('"', at + 1), holes),
                '\'' when holes > 0 => (EndOfQuoted('\'', at + 1), holes),
                _ => (at + 1, holes),
            };
        }

        return at + 1;
    }

    private bool Sees(string what) => string.CompareOrdinal(_text, _at, what, 0, what.Length) == 0;

    private int End(string what, int from) =>
        _text.IndexOf(what, Math.Min(from, _text.Length), StringComparison.Ordinal) is >= 0 and var end ? end : _text.Length;

    private void BlankTo(int end)
    {
        for (; _at < Math.Min(end, _text.Length); _at++)
        {
            _masked[_at] = _text[_at] == '\n' ? '\n' : ' ';
        }
    }
}
