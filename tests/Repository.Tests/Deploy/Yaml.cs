using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OrleansConcert.Repository.Tests.Deploy;

/// <summary>What the tests read out of YAML. What is not there is null or empty.</summary>
internal static class Yaml
{
    private const string Merge = "<<";

    public static IEnumerable<SourceFile> Files => Checkout.Files.Where(file => Regex.IsMatch(file.Path, @"\.ya?ml$"));

    /// <summary>The documents of a file.</summary>
    /// <exception cref="YamlException">It is no YAML.</exception>
    public static IReadOnlyList<YamlNode> Documents(SourceFile file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(file.Text));
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    public static YamlNode? At(this YamlNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            node = node.Members().GetValueOrDefault(key);
        }

        return node;
    }

    public static string? Text(this YamlNode? node, params ReadOnlySpan<string> path) => (node.At(path) as YamlScalarNode)?.Value;

    public static IEnumerable<YamlNode> Items(this YamlNode? node, params ReadOnlySpan<string> path) =>
        (node.At(path) as YamlSequenceNode)?.Children ?? Enumerable.Empty<YamlNode>();

    public static IEnumerable<string> Texts(this YamlNode? node, params ReadOnlySpan<string> path) =>
        node.Items(path).Select(item => item.Text() ?? "");

    /// <summary>The members of a mapping by their names, with those that <c>&lt;&lt;</c> takes over and it has not itself.</summary>
    public static Dictionary<string, YamlNode> Members(this YamlNode? node, params ReadOnlySpan<string> path)
    {
        var members = (node.At(path) as YamlMappingNode)?.Children
            .ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => pair.Value) ?? [];
        if (members.Remove(Merge, out var others))
        {
            others.Members().ToList().ForEach(other => members.TryAdd(other.Key, other.Value));
        }

        return members;
    }

    /// <summary>The members of a mapping that are texts.</summary>
    public static Dictionary<string, string> Pairs(this YamlNode? node, params ReadOnlySpan<string> path) => node.Members(path)
        .Where(member => member.Value is YamlScalarNode)
        .ToDictionary(member => member.Key, member => member.Value.Text()!);

    /// <summary>Every member of that name, however deep.</summary>
    public static IEnumerable<YamlNode> Everywhere(this YamlNode node, string name) => node switch
    {
        YamlMappingNode mapping => mapping.Children.SelectMany(pair =>
            (((YamlScalarNode)pair.Key).Value == name ? [pair.Value] : Enumerable.Empty<YamlNode>()).Concat(pair.Value.Everywhere(name))),
        YamlSequenceNode sequence => sequence.Children.SelectMany(item => item.Everywhere(name)),
        _ => [],
    };

    /// <summary>The line of a node, from 1.</summary>
    public static int Line(this YamlNode node) => (int)node.Start.Line;
}
