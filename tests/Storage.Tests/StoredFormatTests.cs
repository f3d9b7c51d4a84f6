using System.IO.Compression;
using System.Text;

namespace OrleansConcert.Storage.Tests;

/// <summary>A store of the first version opens and reads the same for ever, and is still written as it was.</summary>
public sealed class StoredFormatTests
{
    /// <summary>The segment that <see cref="WriteSample"/> wrote when the format was new, compressed.</summary>
    private const string FirstVersion =
        "Gx8CYAaej/1951OZuzcvlCBVOwFIm5TEtk0sSZi+b9oZ94kkFmgXSBn273lx58OQB/q8IMO5B+rmnlOsoyt5BfGzICW7oKw4P1cFFOFl/2wsRi"
        + "lISV/Ik6kCWY7YBjg/dT8XA1cT55MqlQMElv+N7+tq3vw6NFRjv/g9SbS8YcQYJOP8k2hJCpfBYiDqvcgnyVODRFGVqrCqCaQfP5KzMavG1aS7"
        + "MMEEca0ntK/j5qBfBpSz9636Sg1adCJPemdqqesNDkeph6rHqwft2C9JHCV6XmAwoaQVpBtO1DlTgOfEHRtA2MKfNwVoXHnYVGEu+WW2zYCgDM"
        + "1IcMb+k4lu8CCgJhoAfchpyJy/uleVhgA=";

    private const string Segment = "segment-0000000001.log";

    [Fact]
    public async Task A_store_of_the_first_version_reads_as_it_always_did()
    {
        var disk = new SimulatedDisk(new Random(1));
        disk.Put(Segment, Unpack(FirstVersion));
        await using var journal = await FileJournal.Open(disk);
        Assert.Equal(
            [
                "schedule/friday 1 {\"type\":\"Held\",\"seat\":\"A1\"}",
                "schedule/friday 2 {\"type\":\"Paid\",\"seat\":\"A1\"}",
                "reservations/zoë 1 {\"seat\":\"A1\"}",
                "queue/main 1 {\"type\":\"Joined\"}",
            ],
            (await journal.All()).Select(entry => $"{entry.Stream} {entry.Version} {Given.TextOf(entry.Text)}"));
        var answer = await journal.FindAnswer("zoë", "key-1");
        Assert.Equal((201, "{\"paid\":true}"), (answer!.Status, Given.TextOf(answer.Body)));
        Assert.Equal(Enumerable.Range(0, 32).Select(n => (byte)n), answer.Fingerprint.ToArray());
        Assert.Equal(["schedule/friday"], await journal.UnfinishedStreams());
        Assert.Equal(Given.Noon.AddMinutes(5), journal.LastInstant);
    }

    [Fact]
    public async Task A_store_is_written_as_it_always_was() =>
        Assert.Equal(Convert.ToHexString(Unpack(FirstVersion)), Convert.ToHexString(await WriteSample()));

    [Fact]
    public async Task The_texts_are_there_to_be_read_without_this_program()
    {
        var text = Encoding.UTF8.GetString(await WriteSample());
        Assert.Contains("schedule/friday{\"type\":\"Held\",\"seat\":\"A1\"}", text, StringComparison.Ordinal);
    }

    private static async Task<byte[]> WriteSample()
    {
        var fingerprint = Enumerable.Range(0, 32).Select(n => (byte)n).ToArray();
        using var folder = new TemporaryFolder();
        await using (var journal = await FileJournal.Open(folder.Store))
        {
            await journal.Append(new Append
            {
                Stream = "schedule/friday",
                Head = 0,
                Events = [Given.Text("{\"type\":\"Held\",\"seat\":\"A1\"}"), Given.Text("{\"type\":\"Paid\",\"seat\":\"A1\"}")],
                At = Given.Noon,
                Unfinished = true,
                Answer = new StoredAnswer("zoë", "key-1", fingerprint, 201, Given.Text("{\"paid\":true}"), Given.Noon),
                Notes = [new Note("reservations/zoë", Given.Text("{\"seat\":\"A1\"}"))],
            });
            await journal.Append(Given.Event("queue/main", 0, "{\"type\":\"Joined\"}") with { At = Given.Noon.AddMinutes(5) });
        }

        return File.ReadAllBytes(folder.Segment());
    }

    private static byte[] Unpack(string packed)
    {
        using var stream = new BrotliStream(new MemoryStream(Convert.FromBase64String(packed)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
