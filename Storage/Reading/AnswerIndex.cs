using System.Security.Cryptography;
using System.Text;

namespace OrleansConcert.Storage.Reading;

/// <summary>
/// Where the answers of the last 24 hours are: a hash of caller and key, and a position; about 40 bytes each, in hourly
/// generations, so that forgetting an hour is dropping one table.
/// </summary>
internal sealed class AnswerIndex
{
    private const long HourMilliseconds = 60 * 60 * 1000;
    private static readonly long RetentionMilliseconds = (long)StoredAnswer.Retention.TotalMilliseconds;

    /// <summary>Newest hour last.</summary>
    private readonly SortedList<long, Dictionary<UInt128, long>> _hours = [];

    /// <summary>How many answers it knows of.</summary>
    public int Count => _hours.Values.Sum(hour => hour.Count);

    /// <summary>128 bits of SHA-256: nobody can make two keys meet.</summary>
    public static UInt128 HashOf(string caller, string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.Length}:{caller}{key}"), hash);
        return new UInt128(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]));
    }

    /// <summary>Whether an answer given at one instant still counts at another, in milliseconds.</summary>
    public static bool IsLive(long at, long now) => now - at < RetentionMilliseconds;

    public void Add(UInt128 hash, long at, long position)
    {
        var hour = Math.DivRem(at, HourMilliseconds).Quotient;
        if (!_hours.TryGetValue(hour, out var answers))
        {
            _hours.Add(hour, answers = []);
        }

        answers[hash] = position;
    }

    /// <summary>Positions of answers that may be this caller's, newest first.</summary>
    public IReadOnlyList<long> Find(UInt128 hash)
    {
        List<long>? found = null;
        for (var hour = _hours.Count - 1; hour >= 0; hour--)
        {
            if (_hours.Values[hour].TryGetValue(hash, out var position))
            {
                (found ??= []).Add(position);
            }
        }

        return found ?? (IReadOnlyList<long>)[];
    }

    /// <summary>Forgets every hour whose last answer is too old to count.</summary>
    public void Forget(long now)
    {
        while (_hours.Count > 0 && !IsLive(((_hours.Keys[0] + 1) * HourMilliseconds) - 1, now))
        {
            _hours.RemoveAt(0);
        }
    }
}
