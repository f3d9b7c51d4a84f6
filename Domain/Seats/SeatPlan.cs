namespace OrleansConcert.Domain.Seats;

/// <summary>A block of rows of equal length and one price (in the smallest unit of money).</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Section")]
public sealed record Section(
    [property: Id(0)] string Name, [property: Id(1)] int Rows, [property: Id(2)] int SeatsPerRow, [property: Id(3)] long Price);

/// <summary>
/// Every seat of a house under a number from 0, section by section, row by row: what the seat map, the rules and the rows of
/// <see cref="Section"/> agree on.
/// </summary>
public sealed class SeatPlan
{
    /// <summary>The largest house.</summary>
    public const int MaxSeats = 100_000;

    /// <summary>The dearest seat.</summary>
    public const long MaxPrice = 1_000_000_000;

    private readonly int[] _firstSeat;
    private readonly int[] _firstRow;
    private readonly Dictionary<string, int> _sectionByName = new(StringComparer.Ordinal);

    public SeatPlan(ImmutableArray<Section> sections)
    {
        Sections = sections;
        _firstSeat = new int[sections.Length];
        _firstRow = new int[sections.Length];
        for (var index = 0; index < sections.Length; index++)
        {
            _sectionByName.Add(sections[index].Name, index);
            _firstSeat[index] = SeatCount;
            _firstRow[index] = RowCount;
            SeatCount += sections[index].Rows * sections[index].SeatsPerRow;
            RowCount += sections[index].Rows;
        }
    }

    public ImmutableArray<Section> Sections { get; }

    public int SeatCount { get; }

    public int RowCount { get; }

    /// <summary>What is wrong with a plan, each with what is allowed; nothing where it is fine.</summary>
    public static IEnumerable<(string Member, string Allowed)> Violations(ImmutableArray<Section> sections)
    {
        if (sections.Length is < 1 or > 100)
        {
            yield return ("sections", "1 to 100 sections");
            yield break;
        }

        for (var index = 0; index < sections.Length; index++)
        {
            var (name, rows, seatsPerRow, price) = sections[index];
            if (!Names.IsSection(name))
            {
                yield return ($"sections[{index}].name", Names.SectionRule);
            }

            if (rows is < 1 or > 1_000)
            {
                yield return ($"sections[{index}].rows", "1 to 1000");
            }

            if (seatsPerRow is < 1 or > 1_000)
            {
                yield return ($"sections[{index}].seatsPerRow", "1 to 1000");
            }

            if (price is < 0 or > MaxPrice)
            {
                yield return ($"sections[{index}].price", $"0 to {MaxPrice}");
            }
        }

        if (sections.Select(section => section.Name).Distinct(StringComparer.Ordinal).Count() < sections.Length)
        {
            yield return ("sections", "each name once");
        }

        if (sections.Sum(section => (double)section.Rows * section.SeatsPerRow) > MaxSeats)
        {
            yield return ("sections", $"at most {MaxSeats} seats in all");
        }
    }

    /// <summary>The number of the seat of that name, or -1 where the house has none.</summary>
    public int IndexOf(string seatId) =>
        SeatId.TryParse(seatId, out var seat)
        && _sectionByName.TryGetValue(seat.Section, out var section)
        && seat.Row <= Sections[section].Rows
        && seat.Number <= Sections[section].SeatsPerRow
            ? _firstSeat[section] + ((seat.Row - 1) * Sections[section].SeatsPerRow) + seat.Number - 1
            : -1;

    public SeatId SeatAt(int index)
    {
        var section = SectionOf(index);
        var (row, number) = Math.DivRem(index - _firstSeat[section], Sections[section].SeatsPerRow);
        return new(Sections[section].Name, row + 1, number + 1);
    }

    public long PriceOf(int index) => Sections[SectionOf(index)].Price;

    /// <summary>The number of the row of a seat, from 0 through the whole house.</summary>
    public int RowOf(int index)
    {
        var section = SectionOf(index);
        return _firstRow[section] + ((index - _firstSeat[section]) / Sections[section].SeatsPerRow);
    }

    /// <summary>The rows of the house from the front of the first section on, or of one section.</summary>
    internal IEnumerable<RowSpan> Rows(string? section)
    {
        for (var index = 0; index < Sections.Length; index++)
        {
            if (section is null || Sections[index].Name == section)
            {
                var length = Sections[index].SeatsPerRow;
                for (var row = 0; row < Sections[index].Rows; row++)
                {
                    yield return new(_firstRow[index] + row, _firstSeat[index] + (row * length), length);
                }
            }
        }
    }

    public bool HasSection(string name) => _sectionByName.ContainsKey(name);

    private int SectionOf(int index)
    {
        var found = Array.BinarySearch(_firstSeat, index);
        return found >= 0 ? found : ~found - 1;
    }
}

/// <summary>A row: its number in the house, its first seat, how many seats it has.</summary>
internal readonly record struct RowSpan(int Row, int FirstSeat, int Length);
