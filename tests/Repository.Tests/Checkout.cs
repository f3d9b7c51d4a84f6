using System.Diagnostics;

namespace OrleansConcert.Repository.Tests;

/// <summary>The files of this repository as they are on disk, those that git tracks or would.</summary>
internal static class Checkout
{
    private static readonly string[] NotText = [".png", ".ico", ".woff2"];
    private static readonly Lazy<IReadOnlyList<SourceFile>> AllFiles = new(Read);

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every text file: tracked, or new and not ignored.</summary>
    public static IReadOnlyList<SourceFile> Files => AllFiles.Value;

    public static IEnumerable<SourceFile> CSharp => Files.Where(file => file.IsCSharp);

    public static IEnumerable<SourceFile> Documents => Files.Where(file => file.IsDocument);

    public static IEnumerable<SourceFile> Projects => Files.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal));

    public static SourceFile File(string path) => Files.SingleOrDefault(file => file.Path == path)
        ?? throw new FileNotFoundException($"{path} is missing from the repository: add it, or change the test that reads it.");

    /// <summary>Whether there is a file or folder of that path that git tracks or would.</summary>
    public static bool Has(string path) => path.TrimEnd('/') is var wanted
        && Files.Any(file => file.Path == wanted || file.IsIn(wanted));

    /// <summary>The paths that git tracks, or null where this is no checkout of git.</summary>
    public static IReadOnlyList<string>? Tracked() => Git("ls-files -z --cached");

    private static List<SourceFile> Read()
    {
        var paths = Git("ls-files -z --cached --others --exclude-standard") ?? OnDisk();
        return
        [
            .. paths.Distinct()
                .Where(path => !NotText.Contains(Path.GetExtension(path)) && System.IO.File.Exists(Path.Combine(Root, path)))
                .Select(path => new SourceFile(path, System.IO.File.ReadAllText(Path.Combine(Root, path)))),
        ];
    }

    private static string[]? Git(string arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments)
            {
                WorkingDirectory = Root,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            git.ErrorDataReceived += (_, _) => { };
            git.BeginErrorReadLine();
            var output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? output.Split('\0', StringSplitOptions.RemoveEmptyEntries) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>For a copy without git: everything but what building and running leaves behind.</summary>
    private static IReadOnlyList<string> OnDisk()
    {
        string[] leftBehind = ["artifacts", "data", "bin", "obj", ".git", ".vs", "TestResults"];
        return
        [
            .. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
                .Where(path => !path.Split('/').Any(leftBehind.Contains) && !path.Contains("packages.Orleans", StringComparison.Ordinal)),
        ];
    }

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (System.IO.File.Exists(Path.Combine(folder, "OrleansConcert.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds OrleansConcert.sln.");
    }
}
