namespace OrleansConcert.Storage.Disks;

/// <summary>A disk in memory: everything on it is lost with the process.</summary>
public sealed class MemoryDisk : IDisk
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Content> _files = new(StringComparer.Ordinal);

    public string Name => "memory";

    public IDisposable Lock() => new Content();

    public ValueTask<IReadOnlyList<string>> List()
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<string>>([.. _files.Keys]);
        }
    }

    public ValueTask<IDiskFile> Open(string name)
    {
        lock (_gate)
        {
            return _files.TryGetValue(name, out var content)
                ? ValueTask.FromResult<IDiskFile>(content)
                : throw new FileNotFoundException($"There is no '{name}'.", name);
        }
    }

    public ValueTask<IDiskFile> Create(string name)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IDiskFile>(_files[name] = new Content());
        }
    }

    public ValueTask Rename(string from, string to)
    {
        lock (_gate)
        {
            _files.Remove(from, out var content);
            _files[to] = content ?? throw new FileNotFoundException($"There is no '{from}'.", from);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask Delete(string name)
    {
        lock (_gate)
        {
            _files.Remove(name);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask FlushNames() => ValueTask.CompletedTask;

    /// <summary>Pieces of one size, so that growing never copies what is there.</summary>
    private sealed class Content : IDiskFile
    {
        private const int PieceBytes = 1 << 16;

        private readonly Lock _gate = new();
        private readonly List<byte[]> _pieces = [];
        private long _length;

        public long Length
        {
            get
            {
                lock (_gate)
                {
                    return _length;
                }
            }
        }

        public ValueTask<int> Read(Memory<byte> buffer, long offset)
        {
            lock (_gate)
            {
                var count = (int)Math.Clamp(_length - offset, 0, buffer.Length);
                for (var done = 0; done < count;)
                {
                    var piece = PieceAt(offset + done, count - done);
                    piece.CopyTo(buffer.Span[done..]);
                    done += piece.Length;
                }

                return ValueTask.FromResult(count);
            }
        }

        public ValueTask Write(ReadOnlyMemory<byte> bytes, long offset)
        {
            lock (_gate)
            {
                Resize(Math.Max(_length, offset + bytes.Length));
                for (var done = 0; done < bytes.Length;)
                {
                    var piece = PieceAt(offset + done, bytes.Length - done);
                    bytes.Span.Slice(done, piece.Length).CopyTo(piece);
                    done += piece.Length;
                }
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask SetLength(long length)
        {
            lock (_gate)
            {
                Resize(length);
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask Flush() => ValueTask.CompletedTask;

        public void Dispose()
        {
            // The content outlives whoever has it open.
        }

        private Span<byte> PieceAt(long offset, int count)
        {
            var within = (int)(offset % PieceBytes);
            return _pieces[(int)(offset / PieceBytes)].AsSpan(within, Math.Min(count, PieceBytes - within));
        }

        private void Resize(long length)
        {
            var pieces = (int)((length + PieceBytes - 1) / PieceBytes);
            if (pieces < _pieces.Count)
            {
                _pieces.RemoveRange(pieces, _pieces.Count - pieces);
            }

            while (_pieces.Count < pieces)
            {
                _pieces.Add(new byte[PieceBytes]);
            }

            if (length < _length && length % PieceBytes != 0)
            {
                _pieces[^1].AsSpan((int)(length % PieceBytes)).Clear();
            }

            _length = length;
        }
    }
}
