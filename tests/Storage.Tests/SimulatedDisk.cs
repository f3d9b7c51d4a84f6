using OrleansConcert.Storage.Disks;

namespace OrleansConcert.Storage.Tests;

/// <summary>What the journal asks of a disk.</summary>
public enum DiskStep
{
    Open,
    Create,
    Read,
    Write,
    SetLength,
    Flush,
    Rename,
    Delete,
    FlushNames,
}

/// <summary>What becomes of one step.</summary>
public enum DiskFault
{
    /// <summary>It works.</summary>
    None,

    /// <summary>It fails and nothing of it happened. A flush that fails so also forgets that its sectors are unwritten.</summary>
    FailBefore,

    /// <summary>It fails although all of it happened.</summary>
    FailAfter,

    /// <summary>A write that fails with some of its sectors written; another step as with <see cref="FailBefore"/>.</summary>
    Tear,

    /// <summary>The process is gone: this step and all after it fail and do nothing.</summary>
    Die,
}

/// <summary>
/// A disk in memory that fails where it is told to and loses what a power cut may lose: each sector written since the last
/// flush by itself, lengths, and names since their last flush. For one thread.
/// </summary>
/// <param name="random">Decides what a tear or a power cut leaves; the same seed leaves the same.</param>
public sealed class SimulatedDisk(Random random) : IDisk
{
    private const int SectorBytes = 512;

    private readonly SortedDictionary<string, Inode> _names = new(StringComparer.Ordinal);
    private readonly List<SortedDictionary<string, Inode>> _namesSinceFlush = [new(StringComparer.Ordinal)];
    private bool _dead;
    private bool _held;

    /// <summary>Asked before each step, with the file's name; may wait before it answers. Default: nothing ever fails.</summary>
    public Func<DiskStep, string, ValueTask<DiskFault>>? OnStep { get; set; }

    /// <summary>Steps so far.</summary>
    public int Steps { get; private set; }

    public string Name => "simulated";

    public IDisposable Lock()
    {
        if (_held)
        {
            throw new StoreException("The store 'simulated' is in use.");
        }

        _held = true;
        return new Release(this);
    }

    /// <summary>The disk as a new process finds it after a kill: what was written is there, flushed or not.</summary>
    public SimulatedDisk AfterKill()
    {
        _dead = true;
        var next = new SimulatedDisk(random);
        next.TakeNames(_names);
        next._namesSinceFlush.Clear();
        next._namesSinceFlush.AddRange(_namesSinceFlush);
        return next;
    }

    /// <summary>The disk as it may be after a power cut.</summary>
    public SimulatedDisk AfterPowerCut()
    {
        _dead = true;
        var next = new SimulatedDisk(random);
        var copies = new Dictionary<Inode, Inode>();
        foreach (var (name, inode) in _namesSinceFlush[random.Next(_namesSinceFlush.Count)])
        {
            if (!copies.TryGetValue(inode, out var copy))
            {
                copies.Add(inode, copy = inode.AfterPowerCut(random));
            }

            next._names.Add(name, copy);
        }

        next.Remember(afterFlush: true);
        return next;
    }

    /// <summary>Puts a file there, durable, in place of one that may be there.</summary>
    public void Put(string name, byte[] bytes)
    {
        var inode = new Inode();
        inode.Write(bytes, 0, _ => true);
        inode.Flush();
        _names[name] = inode;
        Remember(afterFlush: true);
    }

    public ValueTask<IReadOnlyList<string>> List() => ValueTask.FromResult<IReadOnlyList<string>>([.. _names.Keys]);

    public async ValueTask<IDiskFile> Open(string name)
    {
        IDiskFile? file = null;
        await Do(DiskStep.Open, name, () => file = new Handle(this, name, Existing(name)));
        return file!;
    }

    public async ValueTask<IDiskFile> Create(string name)
    {
        IDiskFile? file = null;
        await Do(DiskStep.Create, name, () =>
        {
            _names[name] = new Inode();
            Remember();
            file = new Handle(this, name, _names[name]);
        });
        return file!;
    }

    public ValueTask Rename(string from, string to) => Do(DiskStep.Rename, from, () =>
    {
        _names[to] = Existing(from);
        _names.Remove(from);
        Remember();
    });

    public ValueTask Delete(string name) => Do(DiskStep.Delete, name, () =>
    {
        _names.Remove(name);
        Remember();
    });

    public ValueTask FlushNames() => Do(DiskStep.FlushNames, "", () => Remember(afterFlush: true));

    private async ValueTask Do(DiskStep step, string name, Action act, Action? tear = null)
    {
        Steps++;
        var fault = _dead ? DiskFault.Die : OnStep is null ? DiskFault.None : await OnStep(step, name);
        _dead |= fault == DiskFault.Die;
        if (fault is DiskFault.None or DiskFault.FailAfter && !_dead)
        {
            act();
        }
        else if (fault is DiskFault.Tear or DiskFault.FailBefore && !_dead && (fault == DiskFault.Tear || step == DiskStep.Flush))
        {
            tear?.Invoke();
        }

        if (fault != DiskFault.None)
        {
            throw new IOException($"Simulated: {step} {name} {fault}.");
        }
    }

    private Inode Existing(string name) =>
        _names.TryGetValue(name, out var inode) ? inode : throw new FileNotFoundException($"There is no '{name}'.", name);

    private void Remember(bool afterFlush = false)
    {
        if (afterFlush)
        {
            _namesSinceFlush.Clear();
        }

        _namesSinceFlush.Add(new SortedDictionary<string, Inode>(_names, StringComparer.Ordinal));
    }

    private void TakeNames(SortedDictionary<string, Inode> names)
    {
        foreach (var (name, inode) in names)
        {
            _names.Add(name, inode);
        }
    }

    private sealed class Release(SimulatedDisk disk) : IDisposable
    {
        public void Dispose() => disk._held = false;
    }

    private sealed class Handle(SimulatedDisk disk, string name, Inode inode) : IDiskFile
    {
        public long Length => inode.Length;

        public async ValueTask<int> Read(Memory<byte> buffer, long offset)
        {
            var count = (int)Math.Clamp(inode.Length - offset, 0, buffer.Length);
            await disk.Do(DiskStep.Read, name, () => inode.Current.AsMemory((int)offset, count).CopyTo(buffer));
            return count;
        }

        public ValueTask Write(ReadOnlyMemory<byte> bytes, long offset) => disk.Do(
            DiskStep.Write,
            name,
            () => inode.Write(bytes.Span, (int)offset, _ => true),
            () => inode.Write(bytes.Span, (int)offset, disk.Luck));

        public ValueTask SetLength(long length) => disk.Do(DiskStep.SetLength, name, () => inode.SetLength((int)length));

        public ValueTask Flush() => disk.Do(DiskStep.Flush, name, inode.Flush, inode.ForgetDirty);

        public void Dispose()
        {
            // A file may be read by others still.
        }
    }

    private bool Luck(int sector) => random.Next(2) == 0;

    /// <summary>What a file holds, and what of it is on the medium.</summary>
    private sealed class Inode
    {
        private readonly SortedSet<int> _dirty = [];
        private readonly SortedSet<int> _forgotten = [];
        private byte[] _durable = [];
        private int _durableLength;

        public byte[] Current { get; private set; } = [];

        public int Length { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes, int offset, Func<int, bool> isWritten)
        {
            SetLength(Math.Max(Length, offset + bytes.Length));
            for (var done = 0; done < bytes.Length;)
            {
                var sector = (offset + done) / SectorBytes;
                var count = Math.Min(bytes.Length - done, ((sector + 1) * SectorBytes) - offset - done);
                if (isWritten(sector))
                {
                    bytes.Slice(done, count).CopyTo(Current.AsSpan(offset + done));
                    _dirty.Add(sector);
                    _forgotten.Remove(sector);
                }

                done += count;
            }
        }

        public void SetLength(int length)
        {
            if (length > Current.Length)
            {
                var grown = new byte[Math.Max(length, 2 * Current.Length)];
                Current.CopyTo(grown, 0);
                Current = grown;
            }

            for (var sector = length / SectorBytes; sector * SectorBytes < Length; sector++)
            {
                _dirty.Add(sector);
            }

            Current.AsSpan(Math.Min(length, Length)..).Clear();
            Length = length;
        }

        public void Flush()
        {
            _durable = Image(_dirty.Contains, Length);
            _durableLength = Length;
            _dirty.Clear();
        }

        /// <summary>As Linux does after a failed flush: what was not written counts as written.</summary>
        public void ForgetDirty()
        {
            _forgotten.UnionWith(_dirty);
            _dirty.Clear();
        }

        public Inode AfterPowerCut(Random random)
        {
            var length = random.Next(2) == 0 ? Length : _durableLength;
            var image = Image(sector => (_dirty.Contains(sector) || _forgotten.Contains(sector)) && random.Next(2) == 0, length);
            return new Inode { Current = image, Length = length, _durable = (byte[])image.Clone(), _durableLength = length };
        }

        /// <summary>The durable bytes, with those sectors of the current ones that are asked for.</summary>
        private byte[] Image(Func<int, bool> isCurrent, int length)
        {
            var image = new byte[length];
            _durable.AsSpan(0, Math.Min(length, _durable.Length)).CopyTo(image);
            for (var start = 0; start < Math.Min(length, Length); start += SectorBytes)
            {
                if (isCurrent(start / SectorBytes))
                {
                    var count = Math.Min(SectorBytes, Math.Min(length, Length) - start);
                    Current.AsSpan(start, count).CopyTo(image.AsSpan(start));
                }
            }

            return image;
        }
    }
}
