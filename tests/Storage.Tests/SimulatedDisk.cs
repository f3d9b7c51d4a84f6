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
    private readonly SortedDictionary<string, SimulatedContent> _names = new(StringComparer.Ordinal);
    private readonly List<SortedDictionary<string, SimulatedContent>> _namesSinceFlush = [new(StringComparer.Ordinal)];
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
        var copies = new Dictionary<SimulatedContent, SimulatedContent>();
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
        var inode = new SimulatedContent();
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
            _names[name] = new SimulatedContent();
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

    private SimulatedContent Existing(string name) =>
        _names.TryGetValue(name, out var inode) ? inode : throw new FileNotFoundException($"There is no '{name}'.", name);

    private void Remember(bool afterFlush = false)
    {
        if (afterFlush)
        {
            _namesSinceFlush.Clear();
        }

        _namesSinceFlush.Add(new SortedDictionary<string, SimulatedContent>(_names, StringComparer.Ordinal));
    }

    private void TakeNames(SortedDictionary<string, SimulatedContent> names)
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

    private sealed class Handle(SimulatedDisk disk, string name, SimulatedContent inode) : IDiskFile
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
}
