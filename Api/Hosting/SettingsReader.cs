using System.Globalization;
using System.Net;
using System.Xml;
using OrleansConcert.Domain.Access;

namespace OrleansConcert.Api.Hosting;

/// <summary>Reads the settings, and stops the start at the first that is wrong.</summary>
internal sealed class SettingsReader(IConfiguration configuration, bool isDevelopment)
{
    /// <summary>The operator key that works in Development without any setting.</summary>
    public const string WellKnownKey = "dev";

    public const string DefaultUrls = "http://127.0.0.1:5080";

    private const string Ours = "Concert";

    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    /// <summary>Every setting there is, noted as it is read.</summary>
    private readonly List<string> _known = [];

    /// <exception cref="SettingException">One of them is wrong.</exception>
    public Settings Read()
    {
        var urls = Urls();
        var kind = OneOf("Concert:Storage:Kind", "Embedded", "Postgres", "Memory");
        var settings = new Settings
        {
            StorageKind = kind,
            StoragePath = FolderAt("Concert:Storage:Path", "data"),
            ConnectionString = Database("ConnectionStrings:Concert", isNeeded: kind == "Postgres"),
            OperatorKeys = OperatorKeys("Concert:Access:OperatorKeys", urls),
            SigningKeys = SigningKeys("Concert:Access:SigningKeys"),
            AccessTokenLifetime = Lifetime("Concert:Access:AccessTokenLifetime", TimeSpan.FromHours(12)),
            InFlight = Number("Concert:Limits:InFlight", 4_096, 1, 1_000_000),
            Streams = Number("Concert:Limits:Streams", 20_000, 1, 1_000_000),
            StreamsPerUser = Number("Concert:Limits:StreamsPerUser", 5, 1, 1_000_000),
            RegistrationRequired = OneOf("Concert:Users:Registration", "Open", "Required") == "Required",
            Demo = Flag("Concert:Demo", isDevelopment),
            KnownProxies = Addresses("Concert:KnownProxies"),
            Urls = urls,
            Unused = [.. LaterSettings.Names.Where(name => Value(name) is not null)],
        };
        RefuseUnknown();
        return settings;
    }

    /// <summary>A setting that nobody reads is a misspelt one: its author believes in it.</summary>
    private void RefuseUnknown()
    {
        foreach (var (path, value) in configuration.GetSection(Ours).AsEnumerable())
        {
            var name = ConfigurationPath.GetParentPath(path) is { } list && int.TryParse(ConfigurationPath.GetSectionKey(path), out _)
                ? list
                : path;
            if (value is not null && path != Ours && !_known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw SettingException.OfUnknown(name, _known.MinBy(known => Distance(known, name))!);
            }
        }
    }

    /// <summary>How many characters have to be typed, taken away or exchanged to make one name of another.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        foreach (var letter in one)
        {
            var diagonal = row[0]++;
            for (var at = 1; at < row.Length; at++)
            {
                var same = char.ToUpperInvariant(letter) == char.ToUpperInvariant(other[at - 1]);
                (diagonal, row[at]) = (row[at], Math.Min(diagonal + (same ? 0 : 1), 1 + Math.Min(row[at], row[at - 1])));
            }
        }

        return row[^1];
    }

    private string? Value(string name)
    {
        _known.Add(name);
        return configuration[name];
    }

    private string Urls()
    {
        var urls = configuration["urls"] is { Length: > 0 } given ? given : DefaultUrls;
        Each(urls).ToList().ForEach(url => AddressOf(url));
        return urls;
    }

    private string OneOf(string name, params ReadOnlySpan<string> allowed)
    {
        var text = Value(name) ?? allowed[0];
        foreach (var one in allowed)
        {
            if (one.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return one;
            }
        }

        throw new SettingException(name, text, string.Join(" or ", allowed.ToArray()));
    }

    private string FolderAt(string name, string otherwise)
    {
        var text = Value(name) ?? otherwise;
        return text.Trim().Length > 0 && !text.Contains('\0', StringComparison.Ordinal)
            ? Path.GetFullPath(text)
            : throw new SettingException(name, text, "the path of a folder");
    }

    /// <summary>The value has a password: it is not shown.</summary>
    private string Database(string name, bool isNeeded) => configuration[name] is { Length: > 0 } text
        ? text
        : !isNeeded ? ""
        : throw new SettingException(name, null, "a database such as Host=db;Database=concert;Username=concert;Password=...");

    private ImmutableArray<string> OperatorKeys(string name, string urls)
    {
        var keys = List(name);
        var mayBeWellKnown = isDevelopment && IsLoopback(urls);
        if (keys.IsEmpty && mayBeWellKnown)
        {
            return [WellKnownKey];
        }

        if (keys.IsEmpty || keys.Any(string.IsNullOrWhiteSpace))
        {
            throw new SettingException(name, keys.IsEmpty ? null : "", "a list of keys of your own, such as OperatorKeys:0=...");
        }

        return !keys.Contains(WellKnownKey) || mayBeWellKnown
            ? keys
            : throw new SettingException(name, WellKnownKey, "a key of your own; everybody knows this one");
    }

    private ImmutableArray<byte[]> SigningKeys(string name)
    {
        var keys = List(name);
        var allowed = $"1 to {KeyRing.MaxKeys} keys in base64, each of {KeyRing.MinKeyBytes} bytes or more";
        var buffer = new byte[4096];
        var read = ImmutableArray.CreateBuilder<byte[]>();
        foreach (var key in keys)
        {
            // The value is a secret: it is not shown.
            read.Add(Convert.TryFromBase64String(key, buffer, out var length) && length >= KeyRing.MinKeyBytes
                ? buffer[..length]
                : throw new SettingException(name, $"a list whose entry {read.Count} is wrong", allowed));
        }

        return read.Count <= KeyRing.MaxKeys
            ? read.ToImmutable()
            : throw new SettingException(name, $"a list of {read.Count}", allowed);
    }

    private TimeSpan Lifetime(string name, TimeSpan otherwise)
    {
        if (Value(name) is not { } text)
        {
            return otherwise;
        }

        try
        {
            var span = XmlConvert.ToTimeSpan(text);
            if (span >= TimeSpan.FromSeconds(1) && span <= MaxLifetime)
            {
                return span;
            }
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            // Told below, with what is allowed.
        }

        throw new SettingException(name, text, "PT1S to P30D");
    }

    private int Number(string name, int otherwise, int least, int most)
    {
        if (Value(name) is not { } text)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new SettingException(name, text, $"{least} to {most}");
    }

    private bool Flag(string name, bool otherwise) => Value(name) is not { } text
        ? otherwise
        : bool.TryParse(text, out var flag) ? flag : throw new SettingException(name, text, "true or false");

    private ImmutableArray<IPAddress> Addresses(string name) =>
    [
        .. List(name).Select(text => IPAddress.TryParse(text, out var address)
            ? address
            : throw new SettingException(name, text, "a list of IP addresses")),
    ];

    /// <summary>A list as the configuration has it (<c>name:0</c>, <c>name:1</c>), or one entry as the value itself.</summary>
    private ImmutableArray<string> List(string name)
    {
        _known.Add(name);
        var section = configuration.GetSection(name);
        return section.Value is { Length: > 0 } single
            ? [single]
            : [.. section.GetChildren().Select(child => child.Value ?? "")];
    }

    private bool IsLoopback(string urls) => configuration.GetSection("Kestrel:Endpoints").GetChildren()
        .Select(endpoint => endpoint["Url"] ?? "")
        .Concat(Each(urls))
        .All(IsLoopbackAddress);

    private static bool IsLoopbackAddress(string url)
    {
        var host = AddressOf(url).Host;
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }

    private static string[] Each(string urls) => urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Plain HTTP: whoever wants TLS has it ended by a proxy.</summary>
    private static BindingAddress AddressOf(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (address is { Scheme: "http", Port: >= 0 and <= IPEndPoint.MaxPort, PathBase: "" })
            {
                return address;
            }
        }
        catch (FormatException)
        {
            // Told below, with what is allowed.
        }

        throw new SettingException("ASPNETCORE_URLS", url, "a list of addresses such as http://127.0.0.1:5080");
    }
}
