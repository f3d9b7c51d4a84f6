using System.Net;
using System.Xml;
using OrleansConcert.Silo;

namespace OrleansConcert.Api.Hosting;

/// <summary>Reads the settings, and stops the start at the first that is wrong.</summary>
internal sealed class SettingsReader(IConfiguration configuration, bool isDevelopment) : ConfigurationReader(configuration)
{
    /// <summary>The operator key that works in Development without any setting.</summary>
    public const string WellKnownKey = "dev";

    public const string DefaultUrls = "http://127.0.0.1:5080";

    private const string UrlsName = "ASPNETCORE_URLS";

    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    /// <exception cref="SettingException">One of them is wrong.</exception>
    public Settings Read()
    {
        var urls = Urls();
        var isClient = OneOf("Concert:Cluster:Mode", "Embedded", "Client") == "Client";
        var kind = OneOf("Concert:Storage:Kind", "Embedded", "Postgres", "Memory");
        var settings = new Settings
        {
            IsClient = isClient,
            ClusterId = Id("Concert:Cluster:Id", "concert"),
            StorageKind = kind,
            StoragePath = FolderAt("Concert:Storage:Path", "data"),
            ConnectionString = Database("ConnectionStrings:Concert", isNeeded: isClient || kind == "Postgres"),
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

    private string Urls()
    {
        var urls = Configuration["urls"] is { Length: > 0 } given ? given : DefaultUrls;
        AddressesOf(UrlsName, urls);
        return urls;
    }

    private string FolderAt(string name, string otherwise)
    {
        var text = Value(name) ?? otherwise;
        return text.Trim().Length > 0 && !text.Contains('\0', StringComparison.Ordinal)
            ? Path.GetFullPath(text)
            : throw new SettingException(name, text, "the path of a folder");
    }

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

    private bool Flag(string name, bool otherwise) => Value(name) is not { } text
        ? otherwise
        : bool.TryParse(text, out var flag) ? flag : throw new SettingException(name, text, "true or false");

    private ImmutableArray<IPAddress> Addresses(string name) =>
    [
        .. List(name).Select(text => IPAddress.TryParse(text, out var address)
            ? address
            : throw new SettingException(name, text, "a list of IP addresses")),
    ];

    private bool IsLoopback(string urls) => Configuration.GetSection("Kestrel:Endpoints").GetChildren()
        .Select(endpoint => AddressOf(UrlsName, endpoint["Url"] ?? ""))
        .Concat(AddressesOf(UrlsName, urls))
        .All(address => IsLoopbackHost(address.Host));

    private static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
