using YamlDotNet.RepresentationModel;

namespace OrleansConcert.Repository.Tests.Deploy;

/// <summary>An object of deploy/kubernetes as it is written there, before an overlay changes it.</summary>
internal sealed record ClusterObject(SourceFile File, YamlNode Node)
{
    private const string Folder = "deploy/kubernetes";

    public static IReadOnlyList<ClusterObject> All { get; } =
    [
        .. Yaml.Files.Where(file => file.IsIn(Folder) && !file.Path.EndsWith("/kustomization.yaml", StringComparison.Ordinal))
            .SelectMany(file => Yaml.Documents(file).Select(node => new ClusterObject(file, node))),
    ];

    /// <summary>What starts pods.</summary>
    public static IEnumerable<ClusterObject> Workloads => All.Where(one => one.Pod is not null);

    public string Kind => Node.Text("kind") ?? "";

    public string Name => Node.Text("metadata", "name") ?? "";

    /// <summary>What its pods are, or null where it starts none.</summary>
    public YamlNode? Pod => Node.At("spec", "template", "spec");

    public Dictionary<string, string> PodLabels => Node.Pairs("spec", "template", "metadata", "labels");

    public IEnumerable<YamlNode> Containers => Pod.Items("containers");

    /// <summary>The ports of its pods by their names.</summary>
    public Dictionary<string, string> Ports => Containers.SelectMany(container => container.Items("ports"))
        .ToDictionary(port => port.Text("name") ?? "", port => port.Text("containerPort") ?? "");

    /// <summary>The workloads whose pods a selector selects.</summary>
    public static IEnumerable<ClusterObject> Selected(YamlNode? selector) => Workloads.Where(workload =>
        selector.Pairs("matchLabels").All(label => workload.PodLabels.GetValueOrDefault(label.Key) == label.Value)
        && selector.Items("matchExpressions").All(expression => expression.Text("operator") == "In"
            && expression.Texts("values").Contains(workload.PodLabels.GetValueOrDefault(expression.Text("key")!))));

    public Finding Lacks(string whatToDo, YamlNode? where = null) => new(File.Path, (where ?? Node).Line(), $"{Kind} {Name}: {whatToDo}");
}
