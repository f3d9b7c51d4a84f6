using System.Globalization;
using OrleansConcert.Postgres;
using Xunit.Abstractions;

namespace OrleansConcert.Faults;

/// <summary>A server that starts on files that are not as they were left: nothing acknowledged is lost in silence.</summary>
public sealed class BytesTests(ITestOutputHelper output)
{
    private const int Users = 4;
    private const string Segment = "segment-0000000001.log";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flipped_bit_anywhere_stops_the_start_or_loses_nothing(bool isClosed)
    {
        var (rounds, seed) = (Rounds.Of("FLIPS", 6), Rounds.Seed());
        var random = new Random(seed);
        using var made = new TemporaryFolder();
        var charges = await Make(made.Store, isClosed);
        var files = Directory.GetFiles(made.Store, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(made.Store, file)).Where(file => new FileInfo(Path.Combine(made.Store, file)).Length > 0)
            .Order(StringComparer.Ordinal).ToList();
        var used = UsedBytes(Path.Combine(made.Store, Segment));
        var refused = 0;
        for (var round = 1; round <= rounds; round++)
        {
            // Mostly where everything is; every third time in any file at all.
            var file = round % 3 == 0 ? files[random.Next(files.Count)] : Segment;
            using var copy = Copy(made);
            var length = (int)new FileInfo(Path.Combine(copy.Store, file)).Length;
            var at = random.Next(round % 3 == 0 ? length : used);
            Flip(Path.Combine(copy.Store, file), at, (byte)(1 << random.Next(8)));

            await using var server = Server.Launch(copy.Store, FreePorts.Next());
            var wrong = await Stops(server)
                ? WrongRefusal(server.Errors, Path.Combine(copy.Store, file), at)
                : file == Segment && at < used ? "it started all the same" : await WrongContent(server, charges);
            Assert.True(wrong is null, $"SEED={seed}, {file} at {at} of {used}: {wrong}\n{server.Errors}\n{server.Output}");
            refused += server.HasExited ? 1 : 0;
            Rounds.Progress($"flip {round} of {rounds}: {file} at {at}, {(server.HasExited ? "refused" : "nothing lost")}");
        }

        output.WriteLine($"SEED={seed}: {rounds} flipped bits, {refused} starts refused, nothing lost in the others");
    }

    [Fact]
    public async Task A_torn_last_write_is_cut_off_and_nothing_acknowledged_with_it()
    {
        var (rounds, seed) = (Rounds.Of("TEARS", 4), Rounds.Seed());
        var random = new Random(seed);
        using var made = new TemporaryFolder();
        var charges = await Make(made.Store, isClosed: false);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(made.Store, Segment));
        var used = UsedBytes(Path.Combine(made.Store, Segment));
        for (var round = 1; round <= rounds; round++)
        {
            // The next write was like the last, and the power went in its middle: some of its sectors are there, one at least is not.
            using var copy = Copy(made);
            var frame = bytes[LastFrame(bytes, used)..used];
            var torn = (byte[])bytes.Clone();
            var end = (used + 7) & ~7;
            var cut = random.Next(1, frame.Length - 4);
            frame.AsSpan(0, cut).CopyTo(torn.AsSpan(end));
            await File.WriteAllBytesAsync(Path.Combine(copy.Store, Segment), torn);

            await using var server = Server.Launch(copy.Store, FreePorts.Next());
            Assert.False(await Stops(server), $"SEED={seed}, {cut} bytes of {frame.Length}: {server.Errors}");
            Assert.Null(await WrongContent(server, charges));
            Assert.Contains($"torn last write was cut off at offset {end}", server.Output, StringComparison.Ordinal);
            Rounds.Progress($"tear {round} of {rounds}: {cut} bytes of {frame.Length}, cut off");
        }

        output.WriteLine($"SEED={seed}: {rounds} torn writes, each cut off, nothing lost");
    }

    [Fact]
    public async Task A_store_without_one_of_its_segments_is_refused()
    {
        using var made = new TemporaryFolder();
        await Make(made.Store, isClosed: true);
        File.Move(Path.Combine(made.Store, Segment), Path.Combine(made.Store, "segment-0000000002.log"));
        await using var server = Server.Launch(made.Store, FreePorts.Next());
        await StartTests.Refused(server, Path.Combine(made.Store, Segment), "missing", "backup");
    }

    /// <summary>A store with a history, closed in order or killed.</summary>
    private static async Task<Charges> Make(string store, bool isClosed)
    {
        var charges = new Charges();
        await using var server = Server.Launch(store, FreePorts.Next());
        await server.Ready();
        using var client = new Client(server.Address);
        await charges.SignIn(client, Users);
        for (var round = 0; round < 150; round++)
        {
            Assert.Empty(await charges.Round(client));
        }

        if (isClosed)
        {
            server.Terminate();
            Assert.Equal(0, await server.Exit(Patience));
        }
        else
        {
            await server.Kill();
        }

        return charges;
    }

    private static async Task<bool> Stops(Server server)
    {
        while (!server.HasExited && await server.IsReady() != true)
        {
            await Task.Delay(10);
        }

        return server.HasExited;
    }

    /// <summary>One line: the file, where in it, and what to do. A frame is whole or not: its start is told, or an offset within.</summary>
    private static string? WrongRefusal(string errors, string file, int at)
    {
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines is not [var line]
            || !line.Contains($"{file} is damaged at offset ", StringComparison.Ordinal)
            || !line.Contains("backup", StringComparison.Ordinal))
        {
            return "the refusal is not one line with the file, the place and what to do";
        }

        var offset = line.Split("at offset ")[1].TakeWhile(char.IsAsciiDigit).ToArray();
        return int.Parse(offset, CultureInfo.InvariantCulture) <= at ? null : "the place it names is behind the damage";
    }

    private static async Task<string?> WrongContent(Server server, Charges charges)
    {
        using var client = new Client(server.Address);
        return await charges.Wrong(client);
    }

    private static TemporaryFolder Copy(TemporaryFolder made)
    {
        var copy = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(made.Store, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(copy.Store, Path.GetRelativePath(made.Store, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        return copy;
    }

    private static void Flip(string file, int at, byte bit)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[at] ^= bit;
        File.WriteAllBytes(file, bytes);
    }

    /// <summary>Where the last frame ends: behind it there are zeros only.</summary>
    private static int UsedBytes(string segment) => File.ReadAllBytes(segment).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;

    private static int LastFrame(byte[] bytes, int used) => bytes.AsSpan(0, used).LastIndexOf("OCF"u8) - 1;
}
