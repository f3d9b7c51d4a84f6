using System.Globalization;
using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Http;

/// <summary>The arguments in a request's query, each read by what it must be. What was wrong is in the faults.</summary>
internal sealed class Query(IQueryCollection query, Faults faults)
{
    public const int MaxLimit = 100;
    private const int DefaultLimit = 20;

    /// <summary>How many items one page may have.</summary>
    public int Limit()
    {
        if (Text("limit") is not { } text)
        {
            return DefaultLimit;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit)
        {
            return limit;
        }

        faults.Add("limit", $"1 to {MaxLimit}");
        return DefaultLimit;
    }

    /// <summary>Where a page of numbered items starts; 0 for the first.</summary>
    public long Position()
    {
        var cursor = Text("cursor");
        if (cursor is null)
        {
            return 0;
        }

        if (Cursor.ReadNumber(cursor) is { } position)
        {
            return position;
        }

        faults.Add("cursor", "a nextCursor that this list gave");
        return 0;
    }

    /// <summary>The id after which a page starts; null for the first.</summary>
    public string? After()
    {
        var cursor = Text("cursor");
        var id = cursor is null ? null : Cursor.Read(cursor);
        if (cursor is not null && !Names.IsId(id))
        {
            faults.Add("cursor", "a nextCursor that this list gave");
        }

        return id;
    }

    public bool Flag(string name)
    {
        var text = Text(name);
        if (text is not (null or "true" or "false"))
        {
            faults.Add(name, "true or false");
        }

        return text == "true";
    }

    /// <summary>Whether the only value there is was asked for.</summary>
    public bool Is(string name, string only)
    {
        var text = Text(name);
        if (text is not null && text != only)
        {
            faults.Add(name, only);
        }

        return text == only;
    }

    /// <summary>A version of a seat map, or null where none was sent.</summary>
    public long? Version(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return version;
        }

        faults.Add(name, "a version that a seat map gave");
        return null;
    }

    /// <summary>A day of the calendar.</summary>
    public string Day(string name)
    {
        var text = Text(name);
        if (text is null)
        {
            faults.Add(name, Times.DayAllowed);
        }
        else if (!Times.IsDay(text))
        {
            faults.Fail(new(ProblemCode.InvalidDate, $"'{name}' must be {Times.DayAllowed}."));
        }

        return text ?? "";
    }

    /// <summary>Notes that two arguments exclude each other.</summary>
    public void Exclude(string name, string allowed) => faults.Add(name, allowed);

    private string? Text(string name)
    {
        var values = query[name];
        if (values.Count > 1)
        {
            faults.Add(name, "given once");
        }

        return values.Count == 0 ? null : values[0] ?? "";
    }
}
