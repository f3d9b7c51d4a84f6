using System.Text.RegularExpressions;

namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>Whether an answer is one that the contract allows, whatever was asked.</summary>
internal static partial class Verdict
{
    /// <summary>What the server may say without a problem to what is no HTTP, before any call is looked at.</summary>
    private static readonly int[] Bare = [400, 408, 411, 413, 414, 431, 505];

    private static readonly string[] OfEvery = ["type", "title", "status", "detail", "instance", "code", "retryable"];

    private static readonly Dictionary<string, ProblemCode> Codes = ProblemCode.All.ToDictionary(code => code.Code);

    private static readonly Lazy<Dictionary<string, HashSet<string>>> Carried = new(ReadDocument);

    /// <summary>What is wrong with the answer, or null.</summary>
    public static string? On(Shot shot, Answer? answer) => answer switch
    {
        null => "closed without an answer",
        { Status: >= 500 } => "a server error",
        _ when Leak().Match(answer.Text) is { Success: true } leak => $"tells of the inside: {leak.Value}",
        { Body.Length: 0, Closes: true } when shot.MayBeNoHttp && Bare.Contains(answer.Status) => null,
        _ when answer.Header("X-Content-Type-Options") != "nosniff" || answer.Header("Server") is not null => "the headers of every answer",
        { Status: 204 or 304 } or { Body.Length: 0 } when shot.Method == "HEAD" || answer.Status is 204 or 304 => null,
        { Status: 200, IsStream: true } => shot.Operation?.Path.EndsWith("/events", StringComparison.Ordinal) == true ? null : "a stream",
        { Status: >= 200 and < 300 } =>
            answer.Header("Content-Type") == "application/json; charset=utf-8" && IsJson(answer) ? null : "no JSON",
        { Status: >= 400 } => OnProblem(answer),
        _ => "a status that nobody asked for",
    };

    private static string? OnProblem(Answer answer)
    {
        if (answer.Header("Content-Type") != "application/problem+json; charset=utf-8" || !IsJson(answer))
        {
            return "no problem document";
        }

        var problem = JsonElement.Parse(answer.Body);
        if (OfEvery.Any(member => !problem.TryGetProperty(member, out _)))
        {
            return "a member of every problem is missing";
        }

        if (!Codes.TryGetValue(problem.GetProperty("code").GetString()!, out var code))
        {
            return "an unknown code";
        }

        var isTold = code.Status == answer.Status
            && problem.GetProperty("status").GetInt32() == code.Status
            && problem.GetProperty("type").GetString() == code.Type
            && problem.GetProperty("retryable").GetBoolean() == code.Retryable
            && problem.GetProperty("title").GetString() is { Length: > 0 }
            && problem.GetProperty("detail").GetString() is { Length: > 0 }
            && problem.GetProperty("instance").GetString() is ['/', ..] or ['*'];
        var others = problem.EnumerateObject().Select(member => member.Name).Except(OfEvery).Except(Carried.Value[code.Code]).ToList();
        return isTold ? others is [] ? null : $"carries what {code.Code} does not: {others[0]}" : $"is not told as {code.Code} is";
    }

    private static bool IsJson(Answer answer)
    {
        try
        {
            JsonElement.Parse(answer.Body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Which members each problem may carry, as docs/PROBLEMS.md says.</summary>
    private static Dictionary<string, HashSet<string>> ReadDocument() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "docs", "PROBLEMS.md"))
            .Select(line => line.Split('|'))
            .Where(cells => cells.Length == 7 && Codes.ContainsKey(cells[1].Trim(' ', '`')))
            .ToDictionary(
                cells => cells[1].Trim(' ', '`'),
                cells => Quoted().Matches(cells[4]).Select(match => match.Groups[1].Value).ToHashSet());

    [GeneratedRegex(@"   at \w|OrleansConcert\.|System\.\w|Microsoft\.\w|Orleans\.\w|\w+Exception\b|\.cs:line")]
    private static partial Regex Leak();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Quoted();
}
