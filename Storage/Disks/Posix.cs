using System.Runtime.InteropServices;

namespace OrleansConcert.Storage.Disks;

/// <summary>The one thing the framework cannot do: flush a folder, so that a new name in it survives a power cut.</summary>
internal static class Posix
{
    private const int ReadOnly = 0;

    /// <summary>Does nothing on Windows, where the file system journals names by itself.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw Failure("opened", folder);
        }

        try
        {
            if (FSync(descriptor) != 0)
            {
                throw Failure("flushed", folder);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string act, string folder) =>
        new($"The folder '{folder}' could not be {act}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FSync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
