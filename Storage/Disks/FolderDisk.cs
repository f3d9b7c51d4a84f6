namespace OrleansConcert.Storage.Disks;

/// <summary>A folder of the operating system. Folders are 0700 and files 0600 where the system knows such modes.</summary>
/// <remarks>Calls complete before they return: the writer has a thread of its own to wait on.</remarks>
public sealed class FolderDisk : IDisk
{
    /// <summary>What an operator is told where the system does not let the server in.</summary>
    internal const string Need = "The server needs to write there: let its user, or name another folder.";

    private readonly string _folder;

    /// <summary>Makes the folder where it is missing.</summary>
    public FolderDisk(string folder)
    {
        _folder = Path.GetFullPath(folder);
        try
        {
            CreateFolder(_folder);
            CreateFolder(Path.Combine(_folder, SnapshotFiles.Folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The store '{_folder}' cannot be made: {e.Message.TrimEnd('.')}. {Need}", e);
        }
    }

    public string Name => _folder;

    public IDisposable Lock() => FolderLock.Take(_folder);

    public ValueTask<IReadOnlyList<string>> List()
    {
        var names = Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_folder, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)
            .ToList();
        return ValueTask.FromResult<IReadOnlyList<string>>(names);
    }

    public ValueTask<IDiskFile> Open(string name) =>
        ValueTask.FromResult<IDiskFile>(new FolderFile(PathOf(name), FileMode.Open));

    public ValueTask<IDiskFile> Create(string name) =>
        ValueTask.FromResult<IDiskFile>(new FolderFile(PathOf(name), FileMode.Create));

    public ValueTask Rename(string from, string to)
    {
        File.Move(PathOf(from), PathOf(to), overwrite: true);
        return ValueTask.CompletedTask;
    }

    public ValueTask Delete(string name)
    {
        File.Delete(PathOf(name));
        return ValueTask.CompletedTask;
    }

    public ValueTask FlushNames()
    {
        Posix.FlushFolder(_folder);
        Posix.FlushFolder(Path.Combine(_folder, SnapshotFiles.Folder));
        return ValueTask.CompletedTask;
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Shared for reading, writing and deleting: a snapshot may be replaced while somebody still reads it.</summary>
    private sealed class FolderFile(string path, FileMode mode) : IDiskFile
    {
        private readonly FileStream _stream = new(path, OptionsFor(mode));

        public long Length => RandomAccess.GetLength(_stream.SafeFileHandle);

        public ValueTask<int> Read(Memory<byte> buffer, long offset)
        {
            var read = 0;
            while (read < buffer.Length)
            {
                var more = RandomAccess.Read(_stream.SafeFileHandle, buffer.Span[read..], offset + read);
                if (more == 0)
                {
                    break;
                }

                read += more;
            }

            return ValueTask.FromResult(read);
        }

        public ValueTask Write(ReadOnlyMemory<byte> bytes, long offset)
        {
            RandomAccess.Write(_stream.SafeFileHandle, bytes.Span, offset);
            return ValueTask.CompletedTask;
        }

        public ValueTask SetLength(long length)
        {
            RandomAccess.SetLength(_stream.SafeFileHandle, length);
            return ValueTask.CompletedTask;
        }

        /// <remarks>fsync, F_FULLFSYNC or FlushFileBuffers. O_SYNC and fdatasync were measured and are no faster here.</remarks>
        public ValueTask Flush()
        {
            RandomAccess.FlushToDisk(_stream.SafeFileHandle);
            return ValueTask.CompletedTask;
        }

        public void Dispose() => _stream.Dispose();

        private static FileStreamOptions OptionsFor(FileMode mode)
        {
            var options = new FileStreamOptions
            {
                Mode = mode,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
            };
            if (mode == FileMode.Create && !OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return options;
        }
    }
}
