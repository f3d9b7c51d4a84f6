using System.Diagnostics;

namespace OrleansConcert.Repository.Tests.WalkThrough;

/// <summary>Runs what a reader would paste into a terminal.</summary>
internal static class Shell
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What the script writes to its output; fails where it fails.</summary>
    public static async Task<string> Run(string script)
    {
        var start = new ProcessStartInfo("bash", ["-s"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var proxy in start.Environment.Keys.Where(name => name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(proxy);
        }

        using var bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        var output = bash.StandardOutput.ReadToEndAsync();
        var errors = bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(bash.ExitCode == 0, $"README.md: the walk-through ends with {bash.ExitCode}: {await errors}");
        return await output;
    }
}
