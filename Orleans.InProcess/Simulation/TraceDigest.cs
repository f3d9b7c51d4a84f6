using System.Security.Cryptography;
using System.Text;

namespace Orleans.InProcess.Simulation;

/// <summary>The history of a simulated world, line by line: kept as a running hash, and written where somebody reads.</summary>
internal sealed class TraceDigest(TextWriter? writer) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[512];

    internal string Hex => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Dispose() => _hash.Dispose();

    internal void Add(string line)
    {
        writer?.WriteLine(line);
        var most = Encoding.UTF8.GetMaxByteCount(line.Length) + 1;
        if (_buffer.Length < most)
        {
            _buffer = new byte[most];
        }

        var length = Encoding.UTF8.GetBytes(line, _buffer);
        _buffer[length] = (byte)'\n';
        _hash.AppendData(_buffer.AsSpan(0, length + 1));
    }
}
