using YamlDotNet.RepresentationModel;

namespace OrleansConcert.Repository.Tests.Deploy;

/// <summary>deploy/kubernetes.</summary>
public class KubernetesTests
{
    private const int LongestStopSeconds = 10;

    private static readonly string[] Probes = ["startupProbe", "readinessProbe", "livenessProbe"];

    private static IEnumerable<(ClusterObject Of, YamlNode Container)> Containers =>
        ClusterObject.Workloads.SelectMany(workload => workload.Containers.Select(container => (workload, container)));

    private static IEnumerable<ClusterObject> Servers => ClusterObject.Workloads.Where(workload => workload.Kind != "Job");

    private static IEnumerable<SourceFile> Kustomizations => Yaml.Files.Where(file => Path.GetFileName(file.Path) == "kustomization.yaml");

    [Fact]
    public void Everything_that_is_meant_to_run_is_there() => Assert.Equal(
        ["Deployment api", "Deployment silo", "Job migrate", "StatefulSet postgres"],
        ClusterObject.Workloads.Select(workload => $"{workload.Kind} {workload.Name}").Order(StringComparer.Ordinal));

    [Fact]
    public void Every_pod_is_confined() => Finding.None(ClusterObject.Workloads
        .Where(workload => workload.Pod.Text("securityContext", "runAsNonRoot") != "true"
            || workload.Pod.Text("securityContext", "runAsUser") == "0"
            || workload.Pod.Text("securityContext", "seccompProfile", "type") != "RuntimeDefault"
            || workload.Pod.Text("automountServiceAccountToken") != "false"
            || new[] { "hostNetwork", "hostPID", "hostIPC" }.Any(host => workload.Pod.At(host) is not null))
        .Select(workload => workload.Lacks("runAsNonRoot, seccompProfile RuntimeDefault, no token, nothing of the host")));

    [Fact]
    public void Every_container_is_confined() => Finding.None(Containers
        .Where(one => one.Container.Text("securityContext", "allowPrivilegeEscalation") != "false"
            || one.Container.Text("securityContext", "readOnlyRootFilesystem") != "true"
            || one.Container.At("securityContext", "capabilities", "add") is not null
            || !one.Container.Texts("securityContext", "capabilities", "drop").SequenceEqual(["ALL"]))
        .Select(one => one.Of.Lacks("no escalation, a root that is read only, no capabilities", one.Container)));

    [Fact]
    public void Every_container_asks_for_what_it_needs_and_has_a_bound_of_memory() => Finding.None(Containers
        .Where(one => one.Container.Text("resources", "limits", "memory") is null
            || one.Container.Text("resources", "requests", "memory") is null
            || one.Container.Text("resources", "requests", "cpu") is null)
        .Select(one => one.Of.Lacks("name requests of cpu and memory, and a limit of memory", one.Container)));

    [Fact]
    public void Every_server_is_probed_at_its_start_for_its_readiness_and_for_its_life() => Finding.None(Servers
        .SelectMany(server => server.Containers.SelectMany(container => Probes
            .Where(probe => container.At(probe, "httpGet") is null && container.At(probe, "exec") is null)
            .Select(probe => server.Lacks($"add a {probe}", container)))));

    [Fact]
    public void Every_probe_asks_what_it_is_for() => Finding.None(Servers
        .SelectMany(server => server.Containers.SelectMany(container => Probes
            .Where(probe => container.At(probe, "httpGet") is { } get
                && (get.Text("path") != (probe == "readinessProbe" ? "/health/ready" : "/health/live")
                    || !server.Ports.ContainsKey(get.Text("port") ?? "")))
            .Select(probe => server.Lacks($"let the {probe} ask /health on a port of the container by its name", container)))));

    [Fact]
    public void The_ports_of_our_containers_are_those_of_their_images() => Finding.None(Servers
        .Where(server => server.Containers.Any(container => container.Text("image")!.StartsWith(Dockerfile.Ours, StringComparison.Ordinal)
            && !Dockerfile.Ports(container.Text("image")!).Order().SequenceEqual(server.Ports.Values.Order())))
        .Select(server => server.Lacks("name the ports that the image exposes")));

    [Fact]
    public void Every_server_has_more_time_to_stop_than_it_takes() => Finding.None(Servers
        .Where(server => !int.TryParse(server.Pod.Text("terminationGracePeriodSeconds"), out var seconds)
            || seconds <= LongestStopSeconds + Pause(server))
        .Select(server => server.Lacks($"give it more than {LongestStopSeconds} s to stop, and its pause before")));

    [Fact]
    public void A_new_pod_serves_before_an_old_one_goes() => Finding.None(Servers
        .Where(server => server.Kind == "Deployment")
        .Where(server => server.Node.Text("spec", "strategy", "rollingUpdate", "maxUnavailable") != "0"
            || server.Node.Text("spec", "strategy", "rollingUpdate", "maxSurge") != "1")
        .Select(server => server.Lacks("maxUnavailable: 0, maxSurge: 1")));

    [Fact]
    public void Whoever_drains_nodes_takes_one_pod_of_a_deployment_at_a_time() => Finding.None(Servers
        .Where(server => server.Kind == "Deployment")
        .Where(server => !ClusterObject.All.Any(budget => budget.Kind == "PodDisruptionBudget"
            && budget.Node.Text("spec", "maxUnavailable") == "1"
            && ClusterObject.Selected(budget.Node.At("spec", "selector")).SequenceEqual([server])))
        .Select(server => server.Lacks("add a PodDisruptionBudget of maxUnavailable: 1 that selects it alone")));

    [Fact]
    public void Every_workload_selects_its_own_pods_alone() => Finding.None(Servers
        .SelectMany(server => server.Node.Everywhere("labelSelector").Append(server.Node.At("spec", "selector"))
            .Where(selector => !ClusterObject.Selected(selector).SequenceEqual([server]))
            .Select(selector => server.Lacks("select its own pods, and no others", selector))));

    [Fact]
    public void Every_service_leads_to_a_port_of_its_pods() => Finding.None(ClusterObject.All
        .Where(one => one.Kind == "Service")
        .Where(service => Behind(service) is var pods && (pods.Count == 0 || service.Node.Items("spec", "ports")
            .Any(port => pods.Any(pod => !pod.Ports.ContainsKey(port.Text("targetPort") ?? "")))))
        .Select(service => service.Lacks("let its targetPort be a port, by its name, of the pods that it selects")));

    [Fact]
    public void Every_policy_names_pods_that_there_are() => Finding.None(Policies.SelectMany(policy => policy.Node.Everywhere("podSelector")
        .Where(selector => !ClusterObject.Selected(selector).Any())
        .Select(selector => policy.Lacks("selects nothing", selector))));

    [Fact]
    public void Every_pod_is_closed_but_for_what_a_policy_lets_through() => Finding.None(ClusterObject.Workloads
        .Where(workload => !Policies.Any(policy => policy.Node.At("spec", "ingress") is null && policy.Node.At("spec", "egress") is null
            && policy.Node.Texts("spec", "policyTypes").Order().SequenceEqual(["Egress", "Ingress"])
            && ClusterObject.Selected(policy.Node.At("spec", "podSelector")).Contains(workload)))
        .Select(workload => workload.Lacks("let a policy without rules select it")));

    [Theory]
    [InlineData("silo", "silo", "silo")]
    [InlineData("silo", "gateway", "api")]
    [InlineData("silo", "health", "")]
    [InlineData("postgres", "postgres", "api, migrate, silo")]
    [InlineData("api", "http", "everybody")]
    public void A_port_is_reached_by_those_alone_who_need_it(string workload, string port, string who) =>
        Assert.Equal(who, string.Join(", ", WhoReaches(workload, port).Distinct().Order(StringComparer.Ordinal)));

    [Fact]
    public void Who_may_be_reached_is_whom_the_caller_may_reach() => Finding.None(Policies
        .SelectMany(
            policy => policy.Node.Items("spec", "egress").Where(rule => rule.At("to") is not null), (policy, rule) => (policy, rule))
        .Where(way => way.rule.Items("to").SelectMany(to => ClusterObject.Selected(to.At("podSelector"))).Any(target =>
            way.rule.Items("ports").Any(port => ClusterObject.Selected(way.policy.Node.At("spec", "podSelector"))
                .Any(caller => !WhoReaches(target.Name, port.Text("port")!).Contains(caller.Name)))))
        .Select(way => way.policy.Lacks("lets calls out that nobody lets in", way.rule)));

    [Fact]
    public void A_silo_is_known_by_the_address_and_the_name_of_its_pod()
    {
        var silo = Assert.Single(Containers, one => one.Of.Name == "silo").Container;

        Assert.Equal("status.podIP", Variable(silo, "Concert__Cluster__Address").Text("valueFrom", "fieldRef", "fieldPath"));
        Assert.Equal("metadata.name", Variable(silo, "Concert__Cluster__Name").Text("valueFrom", "fieldRef", "fieldPath"));
    }

    [Fact]
    public void What_a_variable_is_made_of_is_named_before_it() => Finding.None(Containers.SelectMany(one => one.Container.Items("env")
        .Index()
        .Where(variable => Regex.Matches(variable.Item.Text("value") ?? "", @"\$\((\w+)\)").Any(part => !one.Container.Items("env")
            .Take(variable.Index)
            .Any(earlier => earlier.Text("name") == part.Groups[1].Value)))
        .Select(variable => one.Of.Lacks($"name before {variable.Item.Text("name")} what it is made of", variable.Item))));

    [Fact]
    public void The_local_cluster_gives_every_key_that_is_asked_of_its_config()
    {
        var asked = ClusterObject.All.SelectMany(one => one.Node.Everywhere("configMapKeyRef")).Select(key => key.Text("key")).ToHashSet();
        var local = Yaml.Documents(Checkout.File("deploy/kubernetes/local/kustomization.yaml"))[0];

        Assert.Equal(asked, [.. local.Items("configMapGenerator").Single().Texts("literals").Select(literal => literal.Split('=')[0])]);
    }

    [Fact]
    public void Every_file_that_a_kustomization_names_is_there() => Finding.None(Kustomizations.SelectMany(file => Yaml.Documents(file)[0]
        .Items("resources")
        .Concat(Yaml.Documents(file)[0].Items("configMapGenerator").SelectMany(generator => generator.Items("files")))
        .Where(named => !Checkout.Has(Beside(file, named.Text()!)) && !Checkout.Has(Beside(file, named.Text() + "/kustomization.yaml")))
        .Select(named => new Finding(file.Path, named.Line(), $"there is no {named.Text()}"))));

    [Fact]
    public void Every_manifest_is_named_by_a_kustomization()
    {
        var named = Kustomizations
            .SelectMany(file => Yaml.Documents(file)[0].Texts("resources").Select(path => Beside(file, path)))
            .ToHashSet();

        Finding.None(ClusterObject.All.Where(one => !named.Contains(one.File.Path))
            .Select(one => one.Lacks("name its file in a kustomization.yaml, or take it away")));
    }

    private static IEnumerable<ClusterObject> Policies => ClusterObject.All.Where(one => one.Kind == "NetworkPolicy");

    /// <summary>The workloads that a Service leads to: its selector is labels alone.</summary>
    private static List<ClusterObject> Behind(ClusterObject service) =>
    [
        .. ClusterObject.Workloads.Where(workload => service.Node.Pairs("spec", "selector") is { Count: > 0 } labels
            && labels.All(label => workload.PodLabels.GetValueOrDefault(label.Key) == label.Value)),
    ];

    /// <summary>The workloads that the policies let through to a port of another's.</summary>
    private static IEnumerable<string> WhoReaches(string workload, string port) => Policies
        .Where(policy => ClusterObject.Selected(policy.Node.At("spec", "podSelector")).Any(one => one.Name == workload))
        .SelectMany(policy => policy.Node.Items("spec", "ingress"))
        .Where(rule => rule.At("ports") is null || rule.Items("ports").Any(open => open.Text("port") == port))
        .SelectMany(rule => rule.At("from") is null
            ? ["everybody"]
            : rule.Items("from").SelectMany(from => ClusterObject.Selected(from.At("podSelector"))).Select(caller => caller.Name));

    private static YamlNode Variable(YamlNode container, string name) =>
        Assert.Single(container.Items("env"), variable => variable.Text("name") == name);

    private static int Pause(ClusterObject server) => server.Containers
        .Select(container => container.Texts("lifecycle", "preStop", "exec", "command").ToList())
        .Sum(command => command is ["sleep", var seconds] && int.TryParse(seconds, out var pause) ? pause : 0);

    /// <summary>A path from a kustomization, from the root of the repository.</summary>
    private static string Beside(SourceFile file, string path) => Path.GetRelativePath(
        Checkout.Root, Path.GetFullPath(Path.Combine(Checkout.Root, Path.GetDirectoryName(file.Path)!, path))).Replace('\\', '/');
}
