using System.Globalization;

namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>Values of members and arguments: right ones of a kind, and wrong ones of any.</summary>
internal static class Values
{
    /// <summary>Texts that broke something somewhere.</summary>
    private static readonly string[] Odd =
    [
        "", " ", "\0", "a\0b", "null", "NaN", "Infinity", "-0", "..", "../../etc/passwd", "..%2f..%2f", "%00", "%", "%zz", "a b", "a/b",
        "'", "' OR 1=1 --", "\"", "\\", "<script>", "${jndi:x}", "{{7*7}}", "\r\nX-Injected: 1", "\u202e", "\ufeff", "İ", "ﬀ", "😀",
        "e\u0301", "\uffff", "-1", "0", "1e9", "9223372036854775808", "0x10", "true", "[]", "{}", "qt.", "qt.x", "Bearer", "CON", "*", "-",
        "_", ".", new('x', 64), new('x', 65), new('x', 5_000), new('%', 64),
    ];

    private static readonly string[] OddNumbers =
    [
        "0", "-0", "-1", "1", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
        "-9223372036854775809", "1e0", "1e400", "1.5", "1.0", "0.1", "100000000", "100000001", "1000000000000000000000000000000", "01", "+1",
        "1_000", "0x1", "NaN", "Infinity", "-", "1.", ".5", "1e",
    ];

    private static readonly string[] OddJson =
    [
        "null", "true", "false", "\"\"", "\"x\"", "[]", "{}", "[null]", "[[]]", "{\"a\":1}", "[1,2,3]", "undefined", "'x'", "\"\\ud800\"",
        "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\x41\"", "\"\u00ff\"", "\"\u00c0\u0080\"", "\"\u00ed\u00a0\u0080\"", "\"\u00f8\u0088\u0080\u0080\u0080\"",
        "\"a\nb\"", "\"unended", "[", "{", "]", "tru", "\0", "/* */1", "1//",
    ];

    private static readonly string[] Dates =
    [
        "2030-02-29", "2030-13-01", "2030-00-10", "0000-01-01", "9999-12-31", "10000-01-01", "2030-1-1", "30-01-01", "2030-01-01T00:00:00Z",
        "２０３０-01-01", "2030/01/01", "-2030-01-01", "today",
    ];

    private static readonly string[] Instants =
    [
        "2030-06-01T12:00:00", "2030-06-01", "2030-06-01T24:00:00Z", "2030-06-01T23:59:60Z", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z",
        "8999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59Z", "2030-06-01T12:00:00+25:00", "2030-06-01T12:00:00.123456789012Z",
        "2030-06-01t12:00:00z", "1970-01-01T00:00:00Z", "2030-06-01T12:00:00-00:00",
    ];

    private static readonly string[] Durations =
    [
        "PT0S", "PT0.1S", "P1D", "PT24H", "P1DT1S", "-PT5M", "P", "PT", "P1Y", "P1M", "P99999999999D", "PT1.5M", "pt5m", "PT1e3S",
        "PT0.0000000001S", "P0DT0H5M0S", "PT999999999999999999999S", "5m",
    ];

    private static readonly string[] Zones =
    [
        "America", "Etc/GMT+14", "posix/UTC", "right/UTC", "posixrules", "Asia/seoul", "asia/Seoul", "localtime", "Factory", "EST5EDT",
        "../Seoul", "/etc/passwd", "Asia/Seoul/", "zone.tab", "UTC", "leapseconds", "Korea Standard Time",
    ];

    /// <summary>A value of its kind, as it should be.</summary>
    public static string Right(Kind kind, Random random, Known known) => kind switch
    {
        Kind.Id => $"new-{random.NextInt64():x}",
        Kind.SeatId => $"A-{random.Next(1, 31)}-{random.Next(1, 41)}",
        Kind.SectionName => random.Next(3) == 0 ? "B" : "A",
        Kind.Title => "A title",
        Kind.Sentence => "Because the customer asked.",
        Kind.Zone => random.Next(2) == 0 ? "Asia/Seoul" : "America/New_York",
        Kind.Date => known.Any(Kind.Date, random),
        Kind.Instant => string.Create(CultureInfo.InvariantCulture, $"20{random.Next(31, 99)}-0{random.Next(1, 10)}-1{random.Next(10)}T12:00:00Z"),
        Kind.Duration => $"PT{random.Next(1, 60)}M",
        Kind.Flag => random.Next(2) == 0 ? "true" : "false",
        Kind.Limit => $"{random.Next(1, 101)}",
        Kind.Version => $"{random.Next(100)}",
        Kind.Available => "AVAILABLE",
        Kind.Preset => Any(random, "standard", "gated", "capacity", "batch", "classic"),
        Kind.Reissue => Any(random, "RETURN_EXISTING", "REQUEUE", "ROTATE_IN_PLACE"),
        Kind.WalletGate => Any(random, "OPEN", "TOKEN", "ACTIVE"),
        Kind.BrowseGate => Any(random, "ACTIVE", "NOT_EXPIRED"),
        _ => known.Any(kind, random),
    };

    /// <summary>A text of a kind, as it should not be, or is seldom.</summary>
    public static string Wrong(Kind kind, Random random, Known known) => (kind, random.Next(3)) switch
    {
        (Kind.Date, > 0) => Any(random, Dates),
        (Kind.Instant, > 0) => Any(random, Instants),
        (Kind.Duration, > 0) => Any(random, Durations),
        (Kind.Zone, > 0) => Any(random, Zones),
        (Kind.Limit or Kind.Version, > 0) => Any(random, OddNumbers),
        (Kind.Cursor, > 0) => Forged(random),
        (_, 1) => Right((Kind)random.Next((int)Kind.Object), random, known),
        (_, 2) => Altered(Right(kind, random, known), random),
        _ => Any(random, Odd),
    };

    /// <summary>A member's value in JSON, as it should be.</summary>
    public static string Json(Member member, Random random, Known known) => member.Kind switch
    {
        Kind.Flag => Right(Kind.Flag, random, known),
        Kind.Count => $"{random.Next(1, 6)}",
        Kind.Amount => $"{random.Next(1, 100_000)}",
        Kind.Price => $"{random.Next(0, 3)}",
        Kind.Roles => random.Next(8) == 0 ? "[\"admin\"]" : "[]",
        Kind.Seats => $"[{string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Text(Right(Kind.SeatId, random, known))))}]",
        Kind.Object => Object(member.Inner, random, known),
        Kind.Objects => $"[{Object(member.Inner, random, known)}]",
        var kind => Text(Right(kind, random, known)),
    };

    /// <summary>A member's value in what may be JSON, as it should not be.</summary>
    public static string WrongJson(Member member, Random random, Known known) => random.Next(5) switch
    {
        0 => Any(random, OddJson),
        1 => Any(random, OddNumbers),
        2 => Json(member with { Kind = (Kind)random.Next((int)Kind.Object) }, random, known),
        3 when member.Kind is Kind.Seats or Kind.Roles => Many(random.Next(1, 3_000), () => Text(Right(Kind.SeatId, random, known))),
        3 when member.Kind is Kind.Objects => Many(random.Next(1, 2_000), () => random.Next(2) == 0 ? "{}" : Object(member.Inner, random, known)),
        3 => new string('[', 40) + new string(']', 40),
        _ => Text(Wrong(member.Kind, random, known)),
    };

    /// <summary>A text in JSON and UTF-8, its characters as they are or, at times, all escaped.</summary>
    public static string Text(string text) =>
        Wire.Utf8($"\"{text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");

    public static string Object(IEnumerable<Member> members, Random random, Known known) => "{" + string.Join(
        ',', members.Where(member => member.Required || random.Next(2) == 0).Select(member => $"\"{member.Name}\":{Json(member, random, known)}")) + "}";

    public static T Any<T>(Random random, params ReadOnlySpan<T> all) => all[random.Next(all.Length)];

    public static string AnyOdd(Random random) => Any(random, Odd);

    /// <summary>The same with one character changed, added or left out.</summary>
    public static string Altered(string text, Random random)
    {
        var at = random.Next(text.Length + 1);
        return random.Next(3) switch
        {
            0 => text[..at],
            1 => text.Insert(at, $"{(char)random.Next(1, 256)}"),
            _ => at == text.Length ? text + text : text[..at] + (char)(text[at] ^ (1 << random.Next(7))) + text[(at + 1)..],
        };
    }

    private static string Forged(Random random)
    {
        var bytes = new byte[random.Next(1, 120)];
        random.NextBytes(bytes);
        return random.Next(3) switch
        {
            0 => Convert.ToBase64String(bytes),
            1 => Http.Cursor.Write(Any(random, OddNumbers)),
            _ => Http.Cursor.Write(Any(random, Odd)),
        };
    }

    private static string Many(int count, Func<string> one) => $"[{string.Join(',', Enumerable.Range(0, count).Select(_ => one()))}]";
}
