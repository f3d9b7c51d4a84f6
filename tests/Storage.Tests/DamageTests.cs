using Microsoft.Extensions.Logging;

namespace OrleansConcert.Storage.Tests;

/// <summary>What a start takes for a torn last write, and what it refuses.</summary>
public sealed class DamageTests : IDisposable
{
    private const int FirstFrame = 32;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_acknowledged_is_lost_wherever_the_last_write_is_cut()
    {
        var (bytes, before, after) = await GrowByOneFrame();
        for (var cut = before; cut <= after; cut++)
        {
            var zeroed = new byte[bytes.Length];
            bytes.AsSpan(0, cut).CopyTo(zeroed);
            await CheckCut(DiskWith(bytes[..cut]), whole: cut == after);
            await CheckCut(DiskWith(zeroed), whole: cut == after);
        }
    }

    [Fact]
    public async Task A_last_write_without_one_of_its_sectors_is_a_torn_one()
    {
        var (bytes, before, after) = await GrowByOneFrame();
        for (var sector = before / 512; sector * 512 < after; sector++)
        {
            var torn = (byte[])bytes.Clone();
            var start = Math.Max(before, sector * 512);
            torn.AsSpan(start, Math.Min(after, (sector + 1) * 512) - start).Clear();
            await CheckCut(DiskWith(torn), whole: false);
        }
    }

    [Fact]
    public async Task Every_flipped_byte_of_a_last_write_that_was_finished_is_refused()
    {
        var (bytes, before, after) = await GrowByOneFrame();
        for (var at = before; at < after; at++)
        {
            bytes[at] ^= 0xFF;
            await Refused(DiskWith(bytes));
            bytes[at] ^= 0xFF;
        }
    }

    [Fact]
    public async Task Every_flipped_byte_of_a_finished_last_write_with_sectors_of_zeros_is_refused()
    {
        var (bytes, before, after) = await GrowByOneFrame(ZerosWithin);
        for (var at = before; at < after; at++)
        {
            bytes[at] ^= 0xFF;
            await Refused(DiskWith(bytes));
            bytes[at] ^= 0xFF;
        }
    }

    [Fact]
    public async Task A_last_write_with_sectors_of_zeros_is_a_torn_one_without_one_of_the_others()
    {
        var (bytes, before, after) = await GrowByOneFrame(ZerosWithin);
        for (var sector = before / 512; sector * 512 < after; sector++)
        {
            var start = Math.Max(before, sector * 512);
            var length = Math.Min(after, (sector + 1) * 512) - start;
            if (bytes.AsSpan(start, length).ContainsAnyExcept((byte)0))
            {
                var torn = (byte[])bytes.Clone();
                torn.AsSpan(start, length).Clear();
                await CheckCut(DiskWith(torn), whole: false);
            }
        }
    }

    [Fact]
    public async Task Every_flipped_byte_of_a_closed_store_is_refused()
    {
        await Fill(segments: 3);
        var segments = Enumerable.Range(1, 3).Select(number => File.ReadAllBytes(_folder.Segment(number))).ToArray();
        foreach (var segment in segments)
        {
            for (var at = 0; at < segment.Length; at++)
            {
                var bit = (byte)(1 << (at % 8));
                segment[at] ^= bit;
                await Refused(DiskWith(segments));
                segment[at] ^= bit;
            }
        }

        await (await FileJournal.Open(DiskWith(segments))).DisposeAsync();
    }

    [Fact]
    public async Task What_is_damaged_while_open_is_never_read_as_if_it_were_whole()
    {
        await using var journal = await FileJournal.Open(_folder.Store, new FileJournalOptions { SegmentBytes = 4096, FillBytes = 4096 });
        for (var head = 0; head < 100; head++)
        {
            await journal.Append(Given.Event("a", head, "some text"));
        }

        Flip(_folder.Segment(), FirstFrame + 80, 1);
        await Assert.ThrowsAsync<JournalException>(() => journal.All());
        await Assert.ThrowsAsync<JournalException>(() => journal.Load("a"));
        Assert.Equal(100, (await journal.ReadBackward("a", long.MaxValue, 1))[0].Version);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_missing_segment_is_refused(int number)
    {
        await Fill(segments: 3);
        File.Delete(_folder.Segment(number));
        Assert.Contains($"{number:D10}.log", await Refused(_folder.Store), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_in_place_of_another_is_refused()
    {
        await Fill(segments: 3);
        File.Copy(_folder.Segment(1), _folder.Segment(2), overwrite: true);
        await Refused(_folder.Store);
    }

    [Fact]
    public async Task A_refusal_changes_nothing_and_names_file_and_place()
    {
        await Fill(segments: 1);
        Flip(_folder.Segment(), FirstFrame + 50, 1);
        var bytes = File.ReadAllBytes(_folder.Segment());
        var message = await Refused(_folder.Store);
        Assert.Contains($"segment-0000000001.log is damaged at offset {FirstFrame}", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.Equal(bytes, File.ReadAllBytes(_folder.Segment()));
    }

    [Fact]
    public async Task A_cut_tail_is_logged()
    {
        var (bytes, _, after) = await GrowByOneFrame();
        var log = new Lines();
        await using var journal = await FileJournal.Open(DiskWith(bytes[..(after - 1)]), new FileJournalOptions { Logger = log });
        Assert.Single(log.Said, line => line.Contains("torn last write was cut off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_in_use_is_refused_with_its_holder()
    {
        await using var journal = await FileJournal.Open(_folder.Store);
        var message = await Refused(_folder.Store);
        Assert.Contains(_folder.Store, message, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_closed_is_free_for_the_next()
    {
        await (await FileJournal.Open(_folder.Store)).DisposeAsync();
        await (await FileJournal.Open(_folder.Store)).DisposeAsync();
    }

    [Fact]
    public async Task Only_the_owner_reads_a_store()
    {
        await using var journal = await FileJournal.Open(_folder.Store);
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode File600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(File600 | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.Store));
            foreach (var file in Directory.GetFiles(_folder.Store))
            {
                Assert.Equal(File600, File.GetUnixFileMode(file));
            }
        }
    }

    [Fact]
    public async Task A_fresh_store_is_small()
    {
        await using var journal = await FileJournal.Open(_folder.Store);
        await journal.Append(Given.Event("a", 0, "one"));
        Assert.InRange(new FileInfo(_folder.Segment()).Length, 1, 128 << 10);
    }

    /// <summary>The first two events are there, the third where its frame is whole; and the journal goes on behind them.</summary>
    private static async Task CheckCut(SimulatedDisk disk, bool whole)
    {
        await using var journal = await FileJournal.Open(disk);
        Assert.Equal(whole ? ["first", "second", Last] : ["first", "second"], await journal.Texts("a"));
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(Given.Event("a", whole ? 3 : 2, "next"))).Outcome);
    }

    private static string Last { get; } = new('z', 1_500);

    private static string ZerosWithin { get; } = new string('z', 600) + new string('\0', 1_300) + new string('z', 600);

    private static SimulatedDisk DiskWith(params byte[][] segments)
    {
        var disk = new SimulatedDisk(new Random(1));
        for (var number = 1; number <= segments.Length; number++)
        {
            disk.Put($"segment-{number:D10}.log", segments[number - 1]);
        }

        return disk;
    }

    /// <summary>The segment of an unclosed store, and where the last of its three frames starts and ends.</summary>
    private async Task<(byte[] Segment, int Before, int After)> GrowByOneFrame(string? last = null)
    {
        await using var journal = await FileJournal.Open(_folder.Store);
        await journal.Append(Given.Event("a", 0, "first"));
        await journal.Append(Given.Event("a", 1, "second"));
        var before = Used(Segment());
        await journal.Append(Given.Event("a", 2, last ?? Last));
        return (Segment(), before, Used(Segment()));
    }

    private static int Used(byte[] segment) => segment.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;

    private byte[] Segment()
    {
        using var copy = _folder.Copy();
        return File.ReadAllBytes(copy.Segment());
    }

    private async Task Fill(int segments)
    {
        await using var journal = await FileJournal.Open(_folder.Store, new FileJournalOptions { SegmentBytes = 4096, FillBytes = 4096 });
        for (var head = 0; !File.Exists(_folder.Segment(segments)) || head < 10; head++)
        {
            await journal.Append(Given.Event("a", head, $"{{\"event\":{head}}}"));
        }
    }

    private static void Flip(string file, int at, byte bits)
    {
        using var stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = at;
        var was = stream.ReadByte();
        stream.Position = at;
        stream.WriteByte((byte)(was ^ bits));
    }

    private static async Task<string> Refused(string store) =>
        (await Assert.ThrowsAsync<StoreException>(() => FileJournal.Open(store))).Message;

    private static async Task Refused(SimulatedDisk disk) =>
        await Assert.ThrowsAsync<StoreException>(() => FileJournal.Open(disk));

    private sealed class Lines : ILogger
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Said.Add(formatter(state, exception));
    }
}
