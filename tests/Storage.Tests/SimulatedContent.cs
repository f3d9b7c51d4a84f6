namespace OrleansConcert.Storage.Tests;

/// <summary>What a file holds, and what of it is on the medium.</summary>
internal sealed class SimulatedContent
{
    private const int SectorBytes = 512;

    private readonly HashSet<int> _dirty = [];
    private readonly HashSet<int> _forgotten = [];

    // Zero behind the durable length, so that a file which grows by a flush needs no clearing.
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
        if (Length > _durable.Length)
        {
            Array.Resize(ref _durable, Math.Max(Length, 2 * _durable.Length));
        }

        if (Length < _durableLength)
        {
            _durable.AsSpan(Length, _durableLength - Length).Clear();
        }

        _durableLength = Length;
        foreach (var sector in _dirty)
        {
            if (sector * SectorBytes < Length)
            {
                Sector(Current, sector, Length).CopyTo(_durable.AsSpan(sector * SectorBytes));
            }
        }

        _dirty.Clear();
    }

    /// <summary>As Linux does after a failed flush: what was not written counts as written.</summary>
    public void ForgetDirty()
    {
        _forgotten.UnionWith(_dirty);
        _dirty.Clear();
    }

    public SimulatedContent AfterPowerCut(Random random)
    {
        var length = random.Next(2) == 0 ? Length : _durableLength;
        var image = Image(sector => (_dirty.Contains(sector) || _forgotten.Contains(sector)) && random.Next(2) == 0, length);
        return new SimulatedContent { Current = image, Length = length, _durable = (byte[])image.Clone(), _durableLength = length };
    }

    /// <summary>The durable bytes, with those sectors of the current ones that are asked for.</summary>
    private byte[] Image(Func<int, bool> isCurrent, int length)
    {
        var image = new byte[length];
        _durable.AsSpan(0, Math.Min(length, _durableLength)).CopyTo(image);
        var both = Math.Min(length, Length);
        for (var sector = 0; sector * SectorBytes < both; sector++)
        {
            if (isCurrent(sector))
            {
                Sector(Current, sector, both).CopyTo(image.AsSpan(sector * SectorBytes));
            }
        }

        return image;
    }

    /// <summary>The bytes of one sector, as far as the file goes.</summary>
    private static Span<byte> Sector(byte[] bytes, int sector, int length) =>
        bytes.AsSpan(sector * SectorBytes, Math.Min(SectorBytes, length - (sector * SectorBytes)));
}
