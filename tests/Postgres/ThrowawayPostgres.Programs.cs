using System.Diagnostics;
using System.Globalization;

namespace OrleansConcert.Postgres;

/// <summary>What is done by PostgreSQL's own programs: backups, scripts.</summary>
public sealed partial class ThrowawayPostgres
{
    /// <summary>Backs a database up while it is in use, and gives another server that was restored from that.</summary>
    /// <param name="by"><c>pg_dump</c> (the one database) or <c>pg_basebackup</c> (the whole server).</param>
    public async Task<ThrowawayPostgres> BackUpAsync(string by, string database)
    {
        if (by == "pg_basebackup")
        {
            return await Copy();
        }

        var other = (await StartAsync())!;
        await other.NewDatabaseAsync(database);
        var (from, to, bin) = (Reach(), other.Reach(), _installation.Bin);
        await Run($"set -o pipefail; '{bin}/pg_dump' {from} -Fc {database} | '{bin}/pg_restore' {to} -d {database}", []);
        return other;
    }

    /// <summary>Runs a script of psql's, as the superuser until it sets another role.</summary>
    /// <param name="variables">Such as <c>-v name=value</c>, as for a shell.</param>
    public Task RunScriptAsync(string database, string role, string file, string variables) =>
        Run($"PGOPTIONS='-c role={role}' '{_installation.Bin}/psql' {Reach()} -q {variables} -f '{file}' {database}", []);

    private async Task<ThrowawayPostgres> Copy()
    {
        var folder = await _installation.NewFolder(Path.GetTempPath());
        var data = Path.Combine(folder, "data");
        await Run($"rm -rf '{data}' && '{_installation.Bin}/pg_basebackup' {Reach()} -D '{data}' --checkpoint=fast", _installation.AsUser);
        var other = new ThrowawayPostgres(_installation, folder) { _port = FreePorts.Next() };
        await other.StartAgainAsync();
        return other;
    }

    private string Reach() => string.Create(CultureInfo.InvariantCulture, $"-h 127.0.0.1 -p {_port} -U postgres");

    private async Task Run(string command, string[] asUser)
    {
        string[] words = [.. asUser, "bash", "-c", command];
        var start = new ProcessStartInfo(words[0], words[1..]) { WorkingDirectory = "/", RedirectStandardError = true };
        start.Environment["PGPASSWORD"] = Password;
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command} ended with {process.ExitCode}.\n{errors}");
        }
    }
}
