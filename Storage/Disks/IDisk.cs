namespace OrleansConcert.Storage.Disks;

/// <summary>
/// The files of one store: the seam at which a simulation delays, fails, tears or loses what the journal writes.
/// Names are relative to the store, with forward slashes.
/// </summary>
public interface IDisk
{
    /// <summary>What messages call this store.</summary>
    string Name { get; }

    /// <summary>Takes the store for this process alone, until disposed.</summary>
    /// <exception cref="StoreException">Somebody has it.</exception>
    IDisposable Lock();

    /// <summary>Every file of the store, in ordinal order.</summary>
    ValueTask<IReadOnlyList<string>> List();

    /// <summary>Opens an existing file to read and write; <see cref="FileNotFoundException"/> where there is none.</summary>
    ValueTask<IDiskFile> Open(string name);

    /// <summary>Makes an empty file, in place of one that may be there.</summary>
    ValueTask<IDiskFile> Create(string name);

    /// <summary>Gives a file another name, in place of one that may have it, in one step.</summary>
    ValueTask Rename(string from, string to);

    /// <summary>Removes a file; one that is not there is removed already.</summary>
    ValueTask Delete(string name);

    /// <summary>Makes the names durable: what was created, renamed and deleted before this call.</summary>
    ValueTask FlushNames();
}

/// <summary>One open file. Reads may run beside the one writer.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>Bytes in the file.</summary>
    long Length { get; }

    /// <summary>Fills the buffer from an offset; fewer bytes only where the file ends.</summary>
    ValueTask<int> Read(Memory<byte> buffer, long offset);

    /// <summary>Writes all bytes at an offset; they are durable after the next <see cref="Flush"/>.</summary>
    ValueTask Write(ReadOnlyMemory<byte> bytes, long offset);

    /// <summary>Cuts or grows the file; durable after the next <see cref="Flush"/>.</summary>
    ValueTask SetLength(long length);

    /// <summary>Returns when everything written before is on the medium itself.</summary>
    ValueTask Flush();
}
