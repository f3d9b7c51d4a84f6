using Orleans.Storage;
using OrleansConcert.Storage.Providers;

namespace OrleansConcert.Storage.Tests;

/// <summary>Small state and reminders, kept in the journal.</summary>
public sealed class ProviderTests : IAsyncLifetime
{
    private static readonly GrainId Catalog = GrainId.Create("catalog", "catalog");

    private readonly SimulatedDisk _disk = new(new Random(1));
    private readonly ManualTime _time = new();
    private FileJournal _journal = null!;

    public async Task InitializeAsync() => _journal = await FileJournal.Open(_disk);

    public async Task DisposeAsync() => await _journal.DisposeAsync();

    [Fact]
    public async Task A_state_never_written_does_not_exist()
    {
        var read = await Read();
        Assert.False(read.RecordExists);
        Assert.Null(read.ETag);
    }

    [Fact]
    public async Task A_state_never_written_is_read_as_a_new_one()
    {
        var state = new GrainState<List<string>>();
        await Storage().ReadStateAsync("titles", Catalog, state);
        Assert.Empty(state.State!);
    }

    [Fact]
    public async Task A_written_state_is_read_with_its_etag()
    {
        var written = await Written("Turandot");
        var read = await Read();
        Assert.True(read.RecordExists);
        Assert.Equal((written.ETag, "Turandot"), (read.ETag, read.State!.Names[0]));
    }

    [Fact]
    public async Task A_state_is_there_after_a_restart()
    {
        await Written("Turandot");
        await Restart();
        Assert.Equal("Turandot", (await Read()).State!.Names[0]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    [InlineData("7")]
    [InlineData("not a version")]
    public async Task A_write_with_another_etag_is_refused(string? eTag)
    {
        var state = await Written("Turandot");
        await Storage().WriteStateAsync("titles", Catalog, state);
        var other = new GrainState<Titles>(new Titles(["Tosca"]), eTag);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage().WriteStateAsync("titles", Catalog, other));
        Assert.Equal("Turandot", (await Read()).State!.Names[0]);
    }

    [Fact]
    public async Task A_cleared_state_is_gone_and_can_be_written_anew()
    {
        var state = await Written("Turandot");
        await Storage().ClearStateAsync("titles", Catalog, state);
        Assert.False((await Read()).RecordExists);
        await Written("Tosca");
        Assert.Equal("Tosca", (await Read()).State!.Names[0]);
    }

    [Fact]
    public async Task A_clear_with_another_etag_is_refused()
    {
        await Written("Turandot");
        var other = new GrainState<Titles>(null!, "9");
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage().ClearStateAsync("titles", Catalog, other));
        Assert.True((await Read()).RecordExists);
    }

    [Fact]
    public async Task A_reminder_is_there_after_a_restart()
    {
        string? eTag;
        using (var table = new JournalReminderTable(_journal, _time))
        {
            eTag = await table.UpsertRow(Reminder("sweep"));
        }

        await Restart();
        using var again = new JournalReminderTable(_journal, _time);
        var row = await again.ReadRow(Catalog, "sweep");
        Assert.Equal(
            (Catalog, "sweep", Given.Noon.UtcDateTime, TimeSpan.FromMinutes(1), eTag),
            (row!.GrainId, row.ReminderName, row.StartAt, row.Period, row.ETag));
        Assert.Equal(DateTimeKind.Utc, row.StartAt.Kind);
    }

    [Fact]
    public async Task A_reminder_is_removed_by_its_own_etag_alone()
    {
        using var table = new JournalReminderTable(_journal, _time);
        var first = await table.UpsertRow(Reminder("sweep"));
        var second = await table.UpsertRow(Reminder("sweep"));
        Assert.False(await table.RemoveRow(Catalog, "sweep", first!));
        Assert.True(await table.RemoveRow(Catalog, "sweep", second!));
        Assert.Null(await table.ReadRow(Catalog, "sweep"));
        Assert.False(await table.RemoveRow(Catalog, "sweep", second!));
    }

    [Fact]
    public async Task Rows_are_read_by_grain_and_altogether()
    {
        using var table = new JournalReminderTable(_journal, _time);
        await table.UpsertRow(Reminder("sweep"));
        await table.UpsertRow(Reminder("other"));
        var elsewhere = Reminder("sweep");
        elsewhere.GrainId = GrainId.Create("schedule", "friday/night");
        await table.UpsertRow(elsewhere);
        Assert.Equal(["other", "sweep"], (await table.ReadRows(Catalog)).Reminders.Select(row => row.ReminderName));
        Assert.Equal(3, (await table.ReadRows(0, 0)).Reminders.Count);
        await table.TestOnlyClearTable();
        Assert.Empty((await table.ReadRows(0, 0)).Reminders);
    }

    [Fact]
    public async Task A_long_table_starts_from_its_snapshot()
    {
        using (var table = new JournalReminderTable(_journal, _time))
        {
            for (var written = 0; written <= JournalReminderTable.SnapshotEvery; written++)
            {
                await table.UpsertRow(Reminder($"r{written % 10}"));
            }
        }

        Assert.Single((await _journal.Load("reminders")).Events);
        using var again = new JournalReminderTable(_journal, _time);
        Assert.Equal(10, (await again.ReadRows(0, 0)).Reminders.Count);
        Assert.Equal($"{JournalReminderTable.SnapshotEvery + 1}", (await again.ReadRow(Catalog, "r0"))!.ETag);
    }

    [Fact]
    public async Task A_reminder_in_doubt_is_read_again()
    {
        using var table = new JournalReminderTable(_journal, _time);
        await table.UpsertRow(Reminder("sweep"));
        _disk.OnStep = (step, _) =>
        {
            _disk.OnStep = null;
            return ValueTask.FromResult(DiskFault.FailBefore);
        };
        await Assert.ThrowsAsync<JournalException>(() => table.UpsertRow(Reminder("other")));
        await table.UpsertRow(Reminder("third"));
        Assert.Equal(["sweep", "third"], (await table.ReadRows(Catalog)).Reminders.Select(row => row.ReminderName));
    }

    private static ReminderEntry Reminder(string name) => new()
    {
        GrainId = Catalog,
        ReminderName = name,
        StartAt = Given.Noon.UtcDateTime,
        Period = TimeSpan.FromMinutes(1),
    };

    private JournalGrainStorage Storage() => new(_journal, _time);

    private async Task<GrainState<Titles>> Written(string title)
    {
        var state = new GrainState<Titles>(new Titles([title]));
        await Storage().WriteStateAsync("titles", Catalog, state);
        return state;
    }

    private async Task<GrainState<Titles>> Read()
    {
        var state = new GrainState<Titles>();
        await Storage().ReadStateAsync("titles", Catalog, state);
        return state;
    }

    private async Task Restart()
    {
        await _journal.DisposeAsync();
        _journal = await FileJournal.Open(_disk);
    }

    private sealed record Titles(IReadOnlyList<string> Names);
}
