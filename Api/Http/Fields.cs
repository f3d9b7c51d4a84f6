using System.Globalization;
using System.Text.Json;
using System.Xml;

namespace OrleansConcert.Api.Http;

/// <summary>
/// The members of a JSON object, each read by what it must be. A wrong type or an unknown member is malformed; a missing or
/// impossible value is an invalid argument. What was wrong is in the faults; what is returned then is of no use.
/// </summary>
internal sealed class Fields
{
    private static readonly JsonElement Empty = JsonDocument.Parse("{}").RootElement;

    private readonly JsonElement _object;
    private readonly string _path;
    private readonly Faults _faults;

    public Fields(JsonElement members, string path, Faults faults)
    {
        _object = members;
        _path = path;
        _faults = faults;
    }

    /// <summary>No members at all.</summary>
    public static Fields None(Faults faults) => new(Empty, "", faults);

    /// <summary>Refuses every member that is not one of these.</summary>
    public Fields Only(params ReadOnlySpan<string> names)
    {
        foreach (var member in _object.EnumerateObject())
        {
            if (!names.Contains(member.Name))
            {
                _faults.Malformed($"There is no member '{_path}{member.Name}' here; there {Known(names)}.");
            }
        }

        return this;
    }

    /// <summary>Whether the member was sent, be it as null.</summary>
    public bool Has(string name) => _object.TryGetProperty(name, out _);

    /// <summary>The text, or null where none was sent.</summary>
    public string? Text(string name) => Take(name, JsonValueKind.String, "a text")?.GetString();

    /// <summary>A text that keeps a rule; missing is a fault unless there is a default.</summary>
    public string Named(string name, Func<string?, bool> rule, string allowed, string? otherwise = null)
    {
        var text = Text(name) ?? otherwise;
        if (!rule(text))
        {
            Fault(name, allowed);
        }

        return text ?? "";
    }

    /// <summary>Why an operator does it, in words that are kept.</summary>
    public string Why() => Named("why", Names.IsWhy, $"1 to {Names.MaxWhyLength} characters, none of them a control character");

    /// <summary>A whole number, or null where none was sent. One beyond 64 bits is as far as 64 bits go.</summary>
    public long? WholeNumber(string name)
    {
        if (Take(name, JsonValueKind.Number, "a whole number") is not { } element)
        {
            return null;
        }

        var text = element.GetRawText();
        if (text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0)
        {
            _faults.Malformed($"'{_path}{name}' must be a whole number.");
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : text[0] == '-' ? long.MinValue : long.MaxValue;
    }

    /// <summary>A whole number within the range of an int: one beyond is as far as an int goes. Whoever asks checks the bounds.</summary>
    public int? Count(string name) => WholeNumber(name) is { } number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null;

    /// <summary>As <see cref="Count(string)"/>, or what is so already; null is a value of its own.</summary>
    public int? CountOrNull(string name, int? otherwise) => Has(name) ? Count(name) : otherwise;

    public bool Flag(string name, bool otherwise)
    {
        if (!_object.TryGetProperty(name, out var element))
        {
            return otherwise;
        }

        if (element.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            _faults.Malformed($"'{_path}{name}' must be true or false.");
        }

        return element.ValueKind == JsonValueKind.True;
    }

    /// <summary>One of the names of an enumeration, in upper case with underscores.</summary>
    public T Choice<T>(string name, T otherwise)
        where T : struct, Enum
    {
        if (!Has(name))
        {
            return otherwise;
        }

        var text = Text(name);
        foreach (var value in Enum.GetValues<T>())
        {
            if (text == JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString()))
            {
                return value;
            }
        }

        Fault(name, string.Join(" or ", Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseUpper.ConvertName)));
        return otherwise;
    }

    /// <summary>A duration in ISO 8601, or what is so already; null is a value of its own.</summary>
    public TimeSpan? DurationOrNull(string name, TimeSpan? otherwise)
    {
        if (!Has(name))
        {
            return otherwise;
        }

        if (Text(name) is not { } text)
        {
            return null;
        }

        try
        {
            return XmlConvert.ToTimeSpan(text);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            Fault(name, "an ISO 8601 duration such as PT5M");
            return otherwise;
        }
    }

    public TimeSpan Duration(string name, TimeSpan otherwise)
    {
        if (Has(name) && _object.GetProperty(name).ValueKind == JsonValueKind.Null)
        {
            Fault(name, "an ISO 8601 duration such as PT5M");
        }

        return DurationOrNull(name, otherwise) ?? otherwise;
    }

    /// <summary>A list of texts, or null where none was sent.</summary>
    public ImmutableArray<string>? Texts(string name)
    {
        if (Take(name, JsonValueKind.Array, "a list") is not { } list)
        {
            return null;
        }

        if (list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            _faults.Malformed($"Everything in '{_path}{name}' must be a text.");
            return [];
        }

        return [.. list.EnumerateArray().Select(item => item.GetString()!)];
    }

    /// <summary>An object inside this one, or null where none was sent.</summary>
    public Fields? Inner(string name) =>
        Take(name, JsonValueKind.Object, "an object") is { } inner ? new(inner, $"{_path}{name}.", _faults) : null;

    /// <summary>A list of objects, or null where none was sent.</summary>
    public ImmutableArray<Fields>? Items(string name)
    {
        if (Take(name, JsonValueKind.Array, "a list") is not { } list)
        {
            return null;
        }

        if (list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Object))
        {
            _faults.Malformed($"Everything in '{_path}{name}' must be an object.");
            return [];
        }

        return [.. list.EnumerateArray().Select((item, index) => new Fields(item, $"{_path}{name}[{index}].", _faults))];
    }

    /// <summary>Notes that a member is missing, unknown or out of bounds.</summary>
    public void Fault(string name, string allowed) => _faults.Add(_path + name, allowed);

    /// <summary>Notes a fault that has a problem code of its own.</summary>
    public void Fault(Problems.Problem problem) => _faults.Fail(problem);

    private static string Known(ReadOnlySpan<string> names) =>
        names.IsEmpty ? "are none" : "may be " + string.Join(", ", names.ToArray());

    private JsonElement? Take(string name, JsonValueKind kind, string what)
    {
        if (!_object.TryGetProperty(name, out var element) || element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (element.ValueKind == kind)
        {
            return element;
        }

        _faults.Malformed($"'{_path}{name}' must be {what}.");
        return null;
    }
}
