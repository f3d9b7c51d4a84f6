using System.Globalization;

namespace OrleansConcert.Storage.Disks;

/// <summary>One server per store: the operating system's lock on <c>lock</c>, gone with the process however it ends.</summary>
/// <remarks>A locked file cannot be read by others, so the holder's process id is in <c>lock.pid</c> beside it.</remarks>
internal static class FolderLock
{
    private const int TakenOnLinux = 11;
    private const int TakenOnMac = 35;
    private const int TakenOnWindows = unchecked((int)0x80070020);

    /// <exception cref="StoreException">
    /// The folder cannot be written; or another process, or another journal of this one, has the store.
    /// </exception>
    public static IDisposable Take(string folder)
    {
        var pidPath = Path.Combine(folder, "lock.pid");
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, "lock"), PrivateFile(FileShare.None));
        }
        catch (IOException e) when (e.HResult is TakenOnLinux or TakenOnMac or TakenOnWindows)
        {
            throw new StoreException($"The store '{folder}' cannot be locked ({Holder(pidPath)}): {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The store '{folder}' cannot be written: {e.Message.TrimEnd('.')}. {FolderDisk.Need}", e);
        }

        try
        {
            using var pid = new StreamWriter(pidPath, PrivateFile(FileShare.ReadWrite));
            pid.Write(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The id is a courtesy to whoever comes second; on a full disk the lock alone will do.
        }

        return held;
    }

    private static FileStreamOptions PrivateFile(FileShare share)
    {
        var options = new FileStreamOptions
        {
            Mode = share == FileShare.None ? FileMode.OpenOrCreate : FileMode.Create,
            Access = FileAccess.ReadWrite,
            Share = share,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static string Holder(string pidPath)
    {
        try
        {
            return $"process {File.ReadAllText(pidPath)} has it: stop that one first";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process may have it";
        }
    }
}
