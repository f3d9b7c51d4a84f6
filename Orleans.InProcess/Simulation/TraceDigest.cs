using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Orleans.InProcess.Simulation;

/// <summary>The history of a simulated world, line by line: kept as a running hash, and written where somebody reads.</summary>
/// <remarks>A world takes some twenty steps an operation, so a line is written as bytes at once and hashed by the page.</remarks>
internal sealed class TraceDigest(TextWriter? writer) : IDisposable
{
    private const int PageBytes = 16 << 10;
    private const int NumberBytes = 20;
    private const int BytesPerChar = 3;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _page = new byte[PageBytes];
    private int _used;

    internal string Hex
    {
        get
        {
            Flush();
            return Convert.ToHexStringLower(_hash.GetCurrentHash());
        }
    }

    public void Dispose() => _hash.Dispose();

    internal void Add(long ticks, string process, Label label)
    {
        var (type, key) = (label.Grain.Type.ToString(), label.Grain.Key.ToString());
        var (act, outcome) = (label.Act ?? "", label.Outcome ?? "");
        Reserve(NumberBytes + (BytesPerChar * (process.Length + type.Length + key.Length + act.Length + outcome.Length)) + 6);
        var start = _used;
        Utf8Formatter.TryFormat(ticks, _page.AsSpan(_used), out var digits);
        _used += digits;
        Add(' ', process);
        if (!label.Grain.IsDefault)
        {
            Add(' ', type);
            Add('/', key);
        }

        Add(' ', act);
        Add(' ', outcome);
        writer?.WriteLine(Encoding.UTF8.GetString(_page.AsSpan(start, _used - start)));
        _page[_used++] = (byte)'\n';
    }

    private void Add(char before, string text)
    {
        if (text.Length > 0)
        {
            _page[_used++] = (byte)before;
            _used += Encoding.UTF8.GetBytes(text, _page.AsSpan(_used));
        }
    }

    private void Reserve(int bytes)
    {
        if (_used + bytes <= _page.Length)
        {
            return;
        }

        Flush();
        if (bytes > _page.Length)
        {
            _page = new byte[bytes];
        }
    }

    private void Flush()
    {
        _hash.AppendData(_page.AsSpan(0, _used));
        _used = 0;
    }
}
