using System.Diagnostics;

namespace OrleansConcert.Faults;

/// <summary>A file system of its own, small enough to be filled and fit to be broken: ext4 in a file. Only root may mount it.</summary>
internal sealed class LoopDisk : IDisposable
{
    private readonly TemporaryFolder _around = new();

    /// <param name="bytes">How large it is.</param>
    public LoopDisk(long bytes = 16 << 20)
    {
        using (var image = File.Create(Image))
        {
            image.SetLength(bytes);
        }

        Run("mkfs.ext4", "-q", "-m", "0", Image);
        Directory.CreateDirectory(Folder);
        Mount();
    }

    /// <summary>Why there can be none here; null where there can. In the gate there must.</summary>
    public static string? WhyNot =>
        Environment.GetEnvironmentVariable("CI") == "true" ? null
        : !OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess ? "only root on Linux may mount a disk"
        : !File.Exists("/dev/loop-control") || !Directory.Exists("/sys/fs/ext4") ? "this kernel has no loop devices, or no ext4"
        : !File.Exists("/sbin/mkfs.ext4") && !File.Exists("/usr/sbin/mkfs.ext4") ? "mkfs.ext4 is not installed (e2fsprogs)"
        : null;

    public string Folder => Path.Combine(_around.Path, "disk");

    public string Store => Path.Combine(Folder, "store");

    private string Image => Path.Combine(_around.Path, "image");

    private string Ballast => Path.Combine(Folder, "ballast");

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = 1 << 20; size > 0;)
        {
            try
            {
                ballast.Write(new byte[size]);
                ballast.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void Free() => File.Delete(Ballast);

    /// <summary>Other users of this machine may enter it too.</summary>
    public void Open() => Run("chmod", "755", _around.Path, Folder);

    /// <summary>As an operator does; nobody may have a file open to write.</summary>
    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", Folder);

    /// <summary>As the kernel does when it finds the disk damaged, whoever has what open.</summary>
    public void TurnReadOnly()
    {
        var device = File.ReadLines("/proc/mounts").Select(line => line.Split(' ')).Single(words => words[1] == Folder)[0];
        File.WriteAllText($"/sys/fs/ext4/{Path.GetFileName(device)}/trigger_fs_error", "1");
    }

    /// <summary>As an operator does after that.</summary>
    public void Repair()
    {
        Run("umount", Folder);
        Run("e2fsck", "-fy", Image);
        Mount();
    }

    public void Dispose()
    {
        Run("umount", "--lazy", Folder);
        _around.Dispose();
    }

    private void Mount() => Run("mount", "-o", "loop,errors=remount-ro", Image, Folder);

    private static void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin";
        using var process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();

        // e2fsck says 1 where it repaired something.
        Assert.True(process.ExitCode == 0 || (program == "e2fsck" && process.ExitCode == 1), $"{program}: {errors}");
    }
}

/// <summary>A test on a disk of its own; skipped where nobody can have one, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DiskFactAttribute : FactAttribute
{
    public DiskFactAttribute() => Skip = LoopDisk.WhyNot;
}
