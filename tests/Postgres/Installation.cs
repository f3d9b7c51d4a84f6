using System.ComponentModel;
using System.Diagnostics;

namespace OrleansConcert.Postgres;

/// <summary>The PostgreSQL of this machine, and the user as whom it runs: it refuses root.</summary>
/// <param name="Bin">The folder of its programs.</param>
/// <param name="User">Who owns the files of a server.</param>
/// <param name="AsUser">The words before a command that make it run as that user; none where we are that user.</param>
internal sealed record Installation(string Bin, string User, string[] AsUser)
{
    private static readonly Lazy<Installation?> OfThisMachine = new(Find);

    /// <summary>Null where there is none.</summary>
    public static Installation? Here => OfThisMachine.Value;

    /// <summary>Makes a folder with a new server's data and password in it.</summary>
    public async Task<string> NewFolder(string within)
    {
        using var process = Process.Start(Script("prepare", [Bin, within, User, .. AsUser]))!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var folder = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? folder.Trim()
            : throw new InvalidOperationException($"No folder for PostgreSQL could be made.\n{await errors}");
    }

    /// <summary>The server itself, as its user.</summary>
    public ProcessStartInfo Server(params string[] arguments) => Command([.. AsUser, Path.Combine(Bin, "postgres"), .. arguments]);

    /// <summary>A script of this project, as the user who runs the tests.</summary>
    public static ProcessStartInfo Script(string name, params string[] arguments)
    {
        using var text = new StreamReader(typeof(Installation).Assembly.GetManifestResourceStream(name)!);
        return Command(["sh", "-c", text.ReadToEnd(), name, .. arguments]);
    }

    private static ProcessStartInfo Command(string[] words)
    {
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var inherited in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        return start;
    }

    private static Installation? Find()
    {
        var bin = Folders().FirstOrDefault(folder =>
            File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
        if (bin is null || !OperatingSystem.IsLinux())
        {
            return null;
        }

        if (!Environment.IsPrivilegedProcess)
        {
            return new(bin, Environment.UserName, []);
        }

        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).ToDictionary(words => words[0]);
        var user = users.TryGetValue("postgres", out var postgres) ? postgres : users["nobody"];
        return new(bin, user[0], ["setpriv", "--reuid", user[2], "--regid", user[3], "--clear-groups"]);
    }

    private static IEnumerable<string> Folders()
    {
        const string OfDebian = "/usr/lib/postgresql";
        var versions = Directory.Exists(OfDebian) ? Directory.GetDirectories(OfDebian) : [];
        return
        [
            .. Configured(),
            .. versions.OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin")),
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        ];
    }

    private static string[] Configured()
    {
        try
        {
            using var process = Process.Start(Command(["pg_config", "--bindir"]))!;
            var folder = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return [folder];
        }
        catch (Win32Exception)
        {
            return [];
        }
    }
}
