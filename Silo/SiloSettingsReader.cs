using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace OrleansConcert.Silo;

/// <summary>What an operator may set of a cluster's silo.</summary>
internal sealed class SiloSettingsReader(IConfiguration configuration) : ConfigurationReader(configuration)
{
    private const string DefaultManagementUrl = "http://127.0.0.1:5081";

    /// <returns>The silo, and where its health is told.</returns>
    /// <exception cref="SettingException">One of them is wrong.</exception>
    public (SiloSettings Silo, string ManagementUrls) Read()
    {
        var cluster = new ClusterSettings();
        var silo = new SiloSettings
        {
            Kind = Enum.Parse<StorageKind>(OneOf("Concert:Storage:Kind", nameof(StorageKind.Postgres))),
            ConnectionString = Database("ConnectionStrings:Concert", isNeeded: true),
            SigningKeys = SigningKeys("Concert:Access:SigningKeys"),
            Cluster = cluster with
            {
                Id = Id("Concert:Cluster:Id", cluster.Id),
                Name = Id("Concert:Cluster:Name", cluster.Name),
                Address = Address("Concert:Cluster:Address"),
                SiloPort = Number("Concert:Cluster:SiloPort", cluster.SiloPort, 1, IPEndPoint.MaxPort),
                GatewayPort = Number("Concert:Cluster:GatewayPort", cluster.GatewayPort, 1, IPEndPoint.MaxPort),
            },
        };
        var urls = Value("Concert:Management:Urls") ?? DefaultManagementUrl;
        AddressesOf("Concert:Management:Urls", urls);
        RefuseUnknown();
        return (silo, urls);
    }

    /// <summary>A name is looked up once: a silo is known by its address.</summary>
    private IPAddress Address(string name)
    {
        if (Value(name) is not { } text)
        {
            return IPAddress.Loopback;
        }

        try
        {
            if (Dns.GetHostAddresses(text, AddressFamily.InterNetwork) is [var address, ..] && !address.Equals(IPAddress.Any))
            {
                return address;
            }
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            // Told below, with what is allowed.
        }

        throw new SettingException(name, text, "an IPv4 address of this machine, or a name that has one");
    }
}
