using System.Globalization;

namespace OrleansConcert.Storage.Providers;

/// <summary>
/// The reminders in the journal: one stream <c>reminders</c> of rows put and removed, folded in memory. One operation at a
/// time; a row's ETag is the version of the entry that put it.
/// </summary>
public sealed class JournalReminderTable(IJournal journal, TimeProvider time) : IReminderTable, IDisposable
{
    /// <summary>Entries after which the fold is kept as a snapshot, so that a start reads no more than these.</summary>
    public const int SnapshotEvery = 1_000;

    private const string Stream = "reminders";

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private ReminderRows? _rows;
    private long _snapshotAt;

    public Task StartAsync(CancellationToken cancellationToken) => With(_ => Task.FromResult(true));

    public Task<ReminderTableData> ReadRows(GrainId grainId) => With(rows => Task.FromResult(rows.Of(grainId)));

    /// <remarks>One process has the whole store, and so the whole ring: every range is all rows.</remarks>
    public Task<ReminderTableData> ReadRows(uint begin, uint end) => With(rows => Task.FromResult(rows.All()));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        With(rows => Task.FromResult(rows.Find(grainId, reminderName)));

    public Task<string?> UpsertRow(ReminderEntry entry) => With<string?>(async rows =>
    {
        await Write(rows, new ReminderRows.Change(
            Put: new ReminderRows.Row(entry.GrainId.ToString(), entry.ReminderName, entry.StartAt, entry.Period)));
        return rows.Head.ToString(CultureInfo.InvariantCulture);
    });

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => With(async rows =>
    {
        if (rows.Find(grainId, reminderName)?.ETag != eTag)
        {
            return false;
        }

        await Write(rows, new ReminderRows.Change(Removed: new ReminderRows.Key(grainId.ToString(), reminderName)));
        return true;
    });

    public Task TestOnlyClearTable() => With(async rows =>
    {
        await Write(rows, new ReminderRows.Change());
        return true;
    });

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>Runs one operation on the rows as the journal has them; after a failure they are read again.</summary>
    private async Task<T> With<T>(Func<ReminderRows, Task<T>> act)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            return await act(_rows ??= await Load());
        }
        catch (JournalException)
        {
            _rows = null;
            throw;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<ReminderRows> Load()
    {
        var loaded = await journal.Load(Stream);
        _snapshotAt = loaded.SnapshotVersion;
        return ReminderRows.From(loaded);
    }

    private async Task Write(ReminderRows rows, ReminderRows.Change change)
    {
        var result = await journal.Append(new Append
        {
            Stream = Stream,
            Head = rows.Head,
            Events = [ReminderRows.TextOf(change)],
            At = Instant.WholeMilliseconds(time.GetUtcNow()),
        });
        if (result.Outcome != AppendOutcome.Durable)
        {
            throw new JournalException("The reminders were written by somebody else.", nothingWritten: true);
        }

        rows.Fold(change, rows.Head + 1);
        if (rows.Head - _snapshotAt >= SnapshotEvery)
        {
            _snapshotAt = rows.Head;
            await Keep(rows);
        }
    }

    /// <summary>The row is durable already: a snapshot that fails costs only a longer start.</summary>
    private async Task Keep(ReminderRows rows)
    {
        try
        {
            await journal.SaveSnapshot(Stream, rows.Head, rows.Pieces());
        }
        catch (JournalException)
        {
            _snapshotAt = rows.Head - (SnapshotEvery / 2);
        }
    }
}
