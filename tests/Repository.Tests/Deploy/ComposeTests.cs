using YamlDotNet.RepresentationModel;

namespace OrleansConcert.Repository.Tests.Deploy;

/// <summary>deploy/compose.yaml and the proxy that it starts.</summary>
public class ComposeTests
{
    private const int LongestStopSeconds = 10;
    private const int SecondsBetweenEvents = 15;

    private static readonly SourceFile File = Checkout.File("deploy/compose.yaml");
    private static readonly SourceFile Proxy = Checkout.File("deploy/proxy/nginx.conf");
    private static readonly YamlNode Compose = Yaml.Documents(File)[0];

    private static Dictionary<string, YamlNode> Services => Compose.Members("services");

    [Fact]
    public void There_are_a_database_a_migration_two_silos_two_hosts_and_a_proxy() => Assert.Equal(
        ["api-1", "api-2", "migrate", "postgres", "proxy", "silo-1", "silo-2"], Services.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Every_service_is_confined() => Each(
        "let it have read_only: true, cap_drop: [ALL], no-new-privileges, and a user other than root",
        service => service.Text("read_only") == "true"
            && service.Texts("cap_drop").SequenceEqual(["ALL"])
            && service.At("cap_add") is null
            && service.At("privileged") is null
            && service.Texts("security_opt").Contains("no-new-privileges:true")
            && (service.At("build") is not null || Regex.IsMatch(service.Text("user") ?? "", "^[1-9][0-9]*:[1-9]")));

    [Fact]
    public void Every_service_has_a_bound_of_memory() => Each("give it a mem_limit", service => service.At("mem_limit") is not null);

    [Fact]
    public void Every_service_that_goes_on_is_asked_for_its_health_and_started_again() => Each(
        "give it a health check, or restart: \"no\" where it ends by itself",
        service => service.Text("restart") == "no" || (service.At("healthcheck", "test") is not null && service.At("restart") is not null));

    [Fact]
    public void Every_service_has_more_time_to_stop_than_it_takes() => Each(
        $"give it a stop_grace_period of more than {LongestStopSeconds} s",
        service => Seconds(service.Text("stop_grace_period")) > LongestStopSeconds);

    [Fact]
    public void Only_the_proxy_is_reached_from_outside_and_by_loopback()
    {
        Assert.Equal("true", Compose.Text("networks", "inside", "internal"));
        Assert.Equal(["127.0.0.1:${PORT:-8080}:8080"], Services["proxy"].Texts("ports"));
        Assert.Contains("listen 8080;", Proxy.Text, StringComparison.Ordinal);
        Finding.None(Services.Where(service => service.Key != "proxy")
            .Where(service => service.Value.At("ports") is not null || !Networks(service.Value).SequenceEqual(["inside"]))
            .Select(service => new Finding(
                File.Path, service.Value.Line(), $"let {service.Key} be on the network inside, and publish no port")));
    }

    [Fact]
    public void Every_silo_says_its_own_name_and_address() => Finding.None(Silos
        .Where(silo => silo.Value.Text("environment", "Concert__Cluster__Address") != Address(silo.Value)
            || silo.Value.Text("environment", "Concert__Cluster__Name") != silo.Key)
        .Select(silo => new Finding(File.Path, silo.Value.Line(), $"let {silo.Key} be named so, and say its own address")));

    [Fact]
    public void The_proxy_asks_the_api_hosts_and_they_believe_it()
    {
        var hosts = Services.Where(service => service.Key.StartsWith("api-", StringComparison.Ordinal)).Select(host => host.Value).ToList();

        Assert.Equal(
            hosts.Select(host => $"{Address(host)}:{Dockerfile.Ports(host.Text("image")!).Single()}"),
            Regex.Matches(Proxy.Text, @"(?m)^\s+server (\S+)").Select(match => match.Groups[1].Value).Where(word => word != "{"));
        Assert.All(hosts, host => Assert.Equal(Address(Services["proxy"]), host.Text("environment", "Concert__KnownProxies__0")));
    }

    [Fact]
    public void Every_health_check_asks_a_port_that_is_listened_on() => Finding.None(Services
        .Where(service => service.Value.At("build") is not null && service.Value.At("healthcheck") is not null)
        .Where(service => !Dockerfile.Ports(service.Value.Text("image")!).Contains(
            Regex.Match(service.Value.Texts("healthcheck", "test").Last(), @"127\.0\.0\.1/(\d+)").Groups[1].Value))
        .Select(service => new Finding(File.Path, service.Value.Line(), $"ask {service.Key} on a port of its image")));

    [Fact]
    public void All_of_a_cluster_is_set_alike() => Assert.All(
        new[] { "Concert__Cluster__Id", "ConnectionStrings__Concert", "Concert__Access__SigningKeys__0" },
        name => Assert.Single(Services.Where(service => Regex.IsMatch(service.Key, "^(silo|api)-"))
            .Select(service => service.Value.Text("environment", name)).Distinct(), value => value is not null));

    [Fact]
    public void An_event_stream_is_passed_on_as_it_comes_for_as_long_as_it_lasts()
    {
        var streams = Regex.Match(Proxy.Text, @"location ~ \^/v1/\.\+/events\$ \{.*?\n    \}", RegexOptions.Singleline).Value;

        Assert.Contains("proxy_buffering off;", streams, StringComparison.Ordinal);
        Assert.True(Seconds(Regex.Match(streams, @"proxy_read_timeout (\w+);").Groups[1].Value) > 2 * SecondsBetweenEvents, streams);
    }

    [Fact]
    public void A_post_that_was_sent_is_never_sent_again()
    {
        var again = Assert.Single(Regex.Matches(Proxy.Text, @"proxy_next_upstream ([^;]+);")).Groups[1].Value;

        Assert.DoesNotContain("non_idempotent", again, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_proxy_says_of_itself_is_said_with_its_own_status() => Finding.None(Regex
        .Matches(Proxy.Text, @"error_page ([\d ]+?)( =)? @(\w+);")
        .Where(page => !page.Groups[2].Success && page.Groups[1].Value
            != Regex.Match(Proxy.Text, $@"location @{page.Groups[3].Value} \{{.*?return (\d+)", RegexOptions.Singleline).Groups[1].Value)
        .Select(page => new Finding(
            Proxy.Path, Proxy.LineAt(page.Index), $"write '= @{page.Groups[3].Value}', or the client gets the other")));

    private static IEnumerable<KeyValuePair<string, YamlNode>> Silos =>
        Services.Where(service => service.Key.StartsWith("silo-", StringComparison.Ordinal));

    private static void Each(string whatToDo, Func<YamlNode, bool> isRight) => Finding.None(Services
        .Where(service => !isRight(service.Value))
        .Select(service => new Finding(File.Path, service.Value.Line(), $"{service.Key}: {whatToDo}")));

    private static string? Address(YamlNode service) => service.Text("networks", "inside", "ipv4_address");

    private static IEnumerable<string> Networks(YamlNode service) =>
        service.Items("networks").Any() ? service.Texts("networks") : service.Members("networks").Keys;

    private static int Seconds(string? span) => span is { Length: > 1 }
        ? int.Parse(span[..^1], System.Globalization.CultureInfo.InvariantCulture) * (span[^1] == 'm' ? 60 : 1)
        : 0;
}
