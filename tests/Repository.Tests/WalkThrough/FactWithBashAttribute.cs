namespace OrleansConcert.Repository.Tests.WalkThrough;

/// <summary>A test that pastes commands into a shell. Left out only where there is none, and never by the gate.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithBashAttribute : FactAttribute
{
    public FactWithBashAttribute()
    {
        var missing = new[] { "bash", "curl" }.Where(tool => !IsThere(tool)).ToList();
        if (missing.Count > 0 && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = $"The walk-through of README.md needs {string.Join(" and ", missing)}, which this machine does not have.";
        }
    }

    private static bool IsThere(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, tool)) || File.Exists(Path.Combine(folder, tool + ".exe")));
}
