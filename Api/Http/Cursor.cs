using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace OrleansConcert.Api.Http;

/// <summary>Where the next page of a list starts, as text that means nothing to clients.</summary>
internal static class Cursor
{
    private const int MaxLength = 128;

    public static string Write(string position) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(position));

    public static string? Write(long? position) => position is { } number ? Write(number.ToString(CultureInfo.InvariantCulture)) : null;

    /// <summary>What was written, or null where the text is no cursor.</summary>
    public static string? Read(string cursor)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        return cursor.Length <= MaxLength && Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes[..length])
            : null;
    }

    /// <summary>The number that was written, or null where the text is no such cursor.</summary>
    public static long? ReadNumber(string cursor) =>
        long.TryParse(Read(cursor), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
