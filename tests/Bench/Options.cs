using System.Globalization;

namespace OrleansConcert.Bench;

/// <summary>The words after a benchmark's name: <c>--rounds 5 --json file</c>.</summary>
internal sealed class Options(string[] words)
{
    public int Number(string name, int otherwise) =>
        Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public double Seconds(double otherwise) =>
        Text("--seconds") is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>Whether the work of that name is wanted: by <c>--only</c>, or since there is none.</summary>
    public bool Wants(string work) => Text("--only") is not { } only || work.StartsWith(only, StringComparison.Ordinal);

    public string Json(string otherwise) => Text("--json") ?? otherwise;

    private string? Text(string name)
    {
        var place = Array.IndexOf(words, name);
        return place >= 0 && place + 1 < words.Length ? words[place + 1] : null;
    }
}
