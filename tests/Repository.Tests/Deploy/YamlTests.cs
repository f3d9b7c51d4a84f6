using YamlDotNet.Core;

namespace OrleansConcert.Repository.Tests.Deploy;

public class YamlTests
{
    [Fact]
    public void Every_yaml_file_can_be_read() => Finding.None(Yaml.Files.SelectMany(Faults));

    [Fact]
    public void What_is_no_yaml_is_found() => Assert.Single(Faults(new("deploy/bad.yaml", "a: '1\nb: 2\n")));

    [Fact]
    public void A_name_that_is_there_twice_is_found() => Assert.Single(Faults(new("deploy/bad.yaml", "a: 1\na: 2\n")));

    private static IEnumerable<Finding> Faults(SourceFile file)
    {
        try
        {
            return Yaml.Documents(file).Count > 0 ? [] : [new(file.Path, 1, "take the empty file away")];
        }
        catch (YamlException exception)
        {
            return [new(file.Path, (int)exception.Start.Line, exception.Message)];
        }
    }
}
