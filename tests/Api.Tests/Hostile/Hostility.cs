using System.Text.RegularExpressions;

namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>
/// Makes requests out of the contract: a right one first, then none to three things wrong with it. The same number makes the same
/// one, as far as the server knows the same names.
/// </summary>
internal sealed partial class Hostility(Random random, Known known)
{
    private const int LargestBody = 64 * 1024;

    private static readonly string[] Methods =
        ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "X", "PRI"];

    private static readonly string[] Spoilers =
    [
        "DELETE /v1/queue-tokens/me", "POST /v1/admin/queues/{queueId}/pause", "POST /v1/admin/queues/{queueId}/drain",
        "PUT /v1/admin/queues/{queueId}", "GET /v1/admin/audit/invariants",
    ];

    private static readonly string[] OddMembers = ["tip", "__proto__", "Amount", "amount ", "", "\\u0000", "\\ud800", new('n', 9_000)];

    private static readonly string[] Types =
    [
        "text/plain", "application/json; charset=utf-16", "application/json;charset=", "application/xml", "multipart/form-data; boundary=x",
        "application/json, text/plain", "application/problem+json", "*/*", "", "application/json; charset=\"utf-8\"", ";;;", "application/",
    ];

    private static readonly string[] Accepts =
    [
        "text/html", "*/*;q=0", "application/json;q=0", "application/json;q=2", "application/*;q=0.0001", ",,,", "application/json;q=x",
        "a/b/c", "*", "text/html, application/json;q=0.1", "application/json; charset=utf-16", "*/json", "text/event-stream", "text/*",
    ];

    private static readonly (string Name, string Value)[] OddHeaders =
    [
        ("Accept-Language", "ko"), ("Accept-Language", "xx-invalid;q=9,*;q=-1"), ("Accept-Language", new('a', 3_000)),
        ("Accept-Encoding", "gzip, br"), ("Content-Encoding", "gzip"), ("Content-Encoding", "deflate, br"), ("If-None-Match", "*"),
        ("If-None-Match", "\"x\", W/\"y\""), ("If-None-Match", "\"unended"), ("If-Match", "\"x\""), ("If-Modified-Since", "yesterday"),
        ("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"), ("Range", "bytes=0-0"), ("Range", "bytes=-99999999999999999999"),
        ("Expect", "200-ok"), ("Upgrade", "websocket"), ("Connection", "upgrade"), ("X-HTTP-Method-Override", "DELETE"),
        ("X-Forwarded-For", "1.2.3.4, evil"), ("X-Forwarded-Host", "evil.example"), ("Forwarded", "for=\"[::1\""), ("Cookie", "a=b; c"),
        ("Origin", "null"), ("Content-Language", "\t"), ("Traceparent", "00-0-0-00"),
        ("Traceparent", "00-00000000000000000000000000000000-x"),
        ("Last-Event-ID", "99999999999999999999"), ("Content-MD5", "x"), ("Prefer", "return=minimal"), ("Host", "other"),
    ];

    public Shot Next()
    {
        var operation = Any();
        var shot = new Shot(operation.Method, Target(operation)) { Operation = operation };
        Sign(shot, operation.Gate);
        if (operation.Body is { } members)
        {
            shot.Headers.Add(("Content-Type", "application/json"));
            shot.Body = Values.Object(members, random, known);
            if (operation.Method == "POST" && random.Next(4) == 0)
            {
                shot.Headers.Add(("Idempotency-Key", $"k{random.Next(40)}"));
            }
        }

        for (var wrongs = Values.Any(random, 0, 1, 1, 1, 2, 3); wrongs > 0; wrongs--)
        {
            shot = Spoil(shot);
        }

        return shot;
    }

    /// <summary>Any call; those that leave others nothing to break are rare.</summary>
    private Operation Any()
    {
        while (true)
        {
            var operation = Contract.All[random.Next(Contract.All.Count)];
            if (!Spoilers.Contains($"{operation}") || random.Next(12) == 0)
            {
                return operation;
            }
        }
    }

    private Shot Spoil(Shot shot) => random.Next(20) switch
    {
        < 7 when shot.Operation!.Body is not null => SpoilBody(shot, shot.Operation.Body),
        < 10 => SpoilQuery(shot),
        < 12 => SpoilPath(shot),
        < 14 => SpoilCredential(shot),
        14 => With(shot, "Idempotency-Key", SpoiledKey()),
        15 => With(shot, "Accept", Values.Any(random, Accepts)),
        16 => Replace(shot, "Content-Type", Values.Any(random, Types)),
        17 => SpoilMethod(shot),
        18 => ManyHeaders(shot),
        _ => OddHeader(shot),
    };

    private string Target(Operation operation)
    {
        var path = Parameter().Replace(operation.Path, match => Values.Right(OfName(match.Groups[1].Value), random, known));
        var query = operation.Query.Where(one => one.Required || random.Next(3) == 0)
            .Select(one => $"{one.Name}={Values.Right(one.Kind, random, known)}");
        return $"{path}?{string.Join('&', query)}".TrimEnd('?');
    }

    private static Kind OfName(string parameter) => Enum.Parse<Kind>(parameter, ignoreCase: true);

    private void Sign(Shot shot, Gate gate)
    {
        var visitor = known.AnyVisitor(random);
        switch (gate)
        {
            case Gate.Open:
                break;
            case Gate.Operator:
                shot.Headers.Add(("Operator-Key", "dev"));
                break;
            case Gate.Admin:
                shot.Headers.Add(("Authorization", $"Bearer {known.Admin.Access}"));
                break;
            default:
                Sign(shot, visitor, gate is Gate.SignedIn or Gate.User && random.Next(2) == 0);
                break;
        }
    }

    private void Sign(Shot shot, Visitor visitor, bool onlyAccess)
    {
        var onlyToken = !onlyAccess && random.Next(3) == 0;
        if (!onlyToken)
        {
            shot.Headers.Add(("Authorization", $"Bearer {visitor.Access}"));
        }

        if (!onlyAccess)
        {
            shot.Headers.Add(onlyToken && random.Next(2) == 0
                ? ("Authorization", $"Bearer {visitor.Token}")
                : ("Queue-Token", visitor.Token!));
        }
    }

    private Shot SpoilBody(Shot shot, Member[] members)
    {
        shot.Body = random.Next(12) switch
        {
            0 => Values.Altered(shot.Body ?? "", random),
            1 => "",
            2 => Values.Any(random, "null", "[]", "5", "\"x\"", "\u00ef\u00bb\u00bf{}", "\u00ff\u00fe{\0}\0", "{}{}", "{},", "\0"),
            3 => (shot.Body ?? "").PadRight(LargestBody + random.Next(-1, 2)),
            4 => Deep(random.Next(10, 20_000)),
            5 => Insert(shot.Body, $"\"{Values.Any(random, OddMembers)}\":1"),
            6 when members.Length > 0 => Insert(shot.Body, shot.Body is { Length: > 2 } body ? body[1..^1] : "\"a\":1,\"a\":1"),
            7 => members.Length == 0 ? "{\"x\":{}}" : Members(members.Where(_ => random.Next(2) == 0)),
            _ => members.Length == 0 ? Values.WrongJson(new("x", Kind.Object), random, known) : Members(members),
        };
        shot.Chunked = shot.Chunked || random.Next(6) == 0;
        return shot;
    }

    /// <summary>All of these, one of them or so not as it should be.</summary>
    private string Members(IEnumerable<Member> members) => "{" + string.Join(',', members.Select(member => random.Next(3) switch
    {
        0 when member.Kind == Kind.Objects => $"\"{member.Name}\":[{Members(member.Inner)}]",
        0 when member.Kind == Kind.Object => $"\"{member.Name}\":{Members(member.Inner)}",
        0 or 1 => $"\"{member.Name}\":{Values.WrongJson(member, random, known)}",
        _ => $"\"{member.Name}\":{Values.Json(member, random, known)}",
    })) + "}";

    private string Deep(int depth) => random.Next(2) == 0
        ? new string('[', depth) + new string(']', depth)
        : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);

    private static string Insert(string? body, string member) =>
        body is ['{', .. var rest] ? $"{{{member}{(rest == "}" ? "" : ",")}{rest}" : $"{{{member}}}";

    private Shot SpoilQuery(Shot shot)
    {
        var arguments = shot.Operation!.Query;
        var name = arguments.Length > 0 ? Values.Any<Member>(random, arguments) : new("limit", Kind.Limit);
        var value = random.Next(3) == 0 ? Raw() : Uri.EscapeDataString(Values.Wrong(name.Kind, random, known));
        var extra = random.Next(6) switch
        {
            0 => $"{name.Name}={value}&{name.Name}={value}",
            1 => $"{value}={value}",
            2 => name.Name,
            3 => string.Join('&', Enumerable.Range(0, random.Next(1, 1_500)).Select(index => $"a{index}={index}")),
            _ => $"{name.Name}={value}",
        };
        return Rough(shot with { Target = shot.Target + (shot.Target.Contains('?', StringComparison.Ordinal) ? '&' : '?') + extra });
    }

    private Shot SpoilPath(Shot shot)
    {
        var segments = shot.Target.Split('/').ToList();
        var at = random.Next(1, segments.Count);
        switch (random.Next(8))
        {
            case 0:
                segments.Insert(at, Values.Any(random, "", ".", "..", "%2e%2e", "%2f", "x"));
                break;
            case 1:
                segments[at] = Raw();
                break;
            case 2:
                segments[at] = Values.Altered(segments[at], random);
                break;
            case 3:
                segments.RemoveAt(at);
                break;
            default:
                segments[at] = Uri.EscapeDataString(Values.Wrong((Kind)random.Next((int)Kind.Object), random, known));
                break;
        }

        return Rough(shot with { Target = string.Join('/', segments) });
    }

    /// <summary>A piece of a target, as it may never be sent.</summary>
    private string Raw() => Values.Any(
        random, "%00", "%ff", "%c0%af", "%ed%a0%80", "%", "%z", "%2", "%2e%2e%2f", "a%2fb", "a%5cb", "\u00ff", "\u00e4", "\\", "{}",
        "|", "^",
        "`", "\"", "<>", "a b", "\t", "#x", "?", ";a=1", "%F0%9F%98%80", new('x', 6_000), "%25%30%30", "*");

    /// <summary>What is in its target may be no HTTP.</summary>
    private static Shot Rough(Shot shot)
    {
        shot.MayBeNoHttp |= true;
        return shot;
    }

    private Shot SpoilCredential(Shot shot)
    {
        var other = known.AnyVisitor(random);
        var token = Values.Any(random, other.Token!, other.Access!, known.Admin.Access!);
        var bad = random.Next(6) switch
        {
            0 => token[..random.Next(token.Length)],
            1 => Values.Altered(token, random),
            2 => Wire.Utf8(Values.AnyOdd(random)),
            3 => $"qt.{new string('A', random.Next(400))}",
            4 => token + "=",
            _ => token,
        };
        return random.Next(6) switch
        {
            0 => Without(shot, "Authorization"),
            1 => Without(shot, "Queue-Token"),
            2 => Replace(shot, "Authorization", Values.Any(random, "Bearer ", "bearer ", "Basic ", "", "Bearer  ") + bad),
            3 => Replace(shot, "Queue-Token", bad),
            4 => With(shot, "Operator-Key", bad),
            _ => With(shot, Values.Any(random, "Authorization", "Queue-Token"), Values.Any(random, $"Bearer {bad}", bad)),
        };
    }

    private string SpoiledKey() => Values.Any(
        random, "", " ", "\"\"", "a b", "\"", "\"a", "a\"", new('k', 255), new('k', 256), new('k', 5_000), "\u00ff", "\u00e4\u00f6",
        "k,k", "k1",
        "\"k1\"", "'k'", "\t", "\"k\\\"1\"");

    private Shot SpoilMethod(Shot shot)
    {
        shot.MayBeNoHttp |= true;
        return shot with { Method = Values.Any(random, Methods), Body = random.Next(2) == 0 ? shot.Body : null };
    }

    private Shot ManyHeaders(Shot shot)
    {
        shot.MayBeNoHttp |= true;
        for (var more = random.Next(1, 130); more > 0; more--)
        {
            shot.Headers.Add(($"X-{more}", new string('v', random.Next(200))));
        }

        return shot;
    }

    private Shot OddHeader(Shot shot)
    {
        var header = Values.Any(random, OddHeaders);
        shot.MayBeNoHttp |= header.Name is "Host";
        return With(shot, header.Name, header.Value);
    }

    private static Shot With(Shot shot, string name, string value)
    {
        shot.MayBeNoHttp |= value.Any(one => one is < ' ' and not '\t' or > '~');
        shot.Headers.Add((name, value));
        return shot;
    }

    private static Shot Without(Shot shot, string name)
    {
        shot.Headers.RemoveAll(header => header.Name == name);
        return shot;
    }

    private static Shot Replace(Shot shot, string name, string value) => With(Without(shot, name), name, value);

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();
}
