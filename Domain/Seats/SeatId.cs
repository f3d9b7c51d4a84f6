using System.Globalization;

namespace OrleansConcert.Domain.Seats;

/// <summary>A seat's name, <c>section-row-number</c>, rows and numbers from 1: <c>A-1-1</c>.</summary>
public readonly record struct SeatId(string Section, int Row, int Number)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Section}-{Row}-{Number}");

    /// <summary>Reads the one spelling of a seat's name; others (leading zeros, signs, spaces) are no seat.</summary>
    public static bool TryParse(string text, out SeatId seat)
    {
        seat = default;
        var last = text.LastIndexOf('-');
        var middle = last > 0 ? text.LastIndexOf('-', last - 1) : -1;
        if (middle <= 0 || !TryNumber(text.AsSpan(middle + 1, last - middle - 1), out var row)
            || !TryNumber(text.AsSpan(last + 1), out var number))
        {
            return false;
        }

        seat = new(text[..middle], row, number);
        return true;
    }

    /// <summary>Looks at the last character too, since parsing lets NULs follow a number.</summary>
    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && text[0] != '0' && char.IsAsciiDigit(text[^1]);
}
