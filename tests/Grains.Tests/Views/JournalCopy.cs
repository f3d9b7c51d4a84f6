using System.Globalization;
using Npgsql;
using OrleansConcert.Storage.Postgres;

namespace OrleansConcert.Grains.Tests;

/// <summary>The journal as PostgreSQL keeps it, copied from the one that real grains wrote, and the views on it.</summary>
internal sealed class JournalCopy(NpgsqlDataSource source) : IAsyncDisposable
{
    public static async Task<JournalCopy> Make(string connectionString)
    {
        // Compiling a query costs more than running it on a journal as short as a test's.
        var copy = new JournalCopy(NpgsqlDataSource.Create(connectionString + ";Options=-c jit=off"));
        await copy.Do("drop schema if exists concert cascade");
        await PostgresJournal.Migrate(connectionString);
        return copy;
    }

    /// <summary>Takes these entries for all there are, and that instant for now.</summary>
    public async Task Put(IReadOnlyList<JournalEntry> entries, Instant now)
    {
        await Do("truncate concert.journal, concert.streams");
        await using (var connection = await source.OpenConnectionAsync())
        await using (var writer = await connection.BeginBinaryImportAsync("copy concert.journal from stdin (format binary)"))
        {
            foreach (var (position, entry) in entries.Index())
            {
                await writer.WriteRowAsync(
                    CancellationToken.None,
                    position + 1L,
                    entry.Stream,
                    entry.Version,
                    entry.Stream.StartsWith(WireNames.ReservationStreams, StringComparison.Ordinal),
                    entry.At,
                    Encoding.UTF8.GetString(entry.Text.Span));
            }

            await writer.CompleteAsync();
        }

        await Do("insert into concert.streams select stream, max(version), false from concert.journal group by stream");
        await Now(now);
    }

    /// <summary>Runs the migration, which can be run again; the views look at the time of the server from then on.</summary>
    public async Task Migrate()
    {
        using var migration = new StreamReader(
            typeof(PostgresJournal).Assembly.GetManifestResourceStream("OrleansConcert.Storage.Postgres.Migrations.0002_views.sql")!);
        await Do(await migration.ReadToEndAsync());
    }

    /// <summary>The views look at that instant from now on.</summary>
    public Task Now(Instant now) => Do(
        $"create or replace function concert.now() returns timestamptz language sql stable as 'select timestamptz ''{now}'''");

    public async Task<bool> LooksAtTheTimeOfTheServer()
    {
        await using var command = source.CreateCommand("select concert.now() = current_timestamp");
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The names of a view's columns, then its rows, sorted.</summary>
    public async Task<string[]> Rows(string view)
    {
        await using var command = source.CreateCommand($"select * from concert.{view}");
        await using var reader = await command.ExecuteReaderAsync();
        var columns = Enumerable.Range(0, reader.FieldCount).ToArray();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(Row([.. columns.Select(reader.GetValue)]));
        }

        rows.Sort(StringComparer.Ordinal);
        return [string.Join(' ', columns.Select(reader.GetName)), .. rows];
    }

    /// <summary>A row as one text, however its values came.</summary>
    public static string Row(params object?[] values) => string.Join(' ', values.Select(value => value switch
    {
        null or DBNull => "-",
        DateTime time => Instant.From(time).ToString(),
        IEnumerable<string> list => string.Join(',', list),
        Enum name => name.ToString().ToUpperInvariant(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    }));

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private async Task Do(string text)
    {
        await using var command = source.CreateCommand(text);
        await command.ExecuteNonQueryAsync();
    }
}
