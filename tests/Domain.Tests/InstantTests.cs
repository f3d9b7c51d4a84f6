using System.Text.Json;

namespace OrleansConcert.Domain.Tests;

public class InstantTests
{
    [Fact]
    public void An_instant_is_written_in_utc_with_milliseconds_and_read_back() => Walk.Each(seeds: 100, steps: 100, random => () =>
    {
        var instant = new Instant(random.NextInt64(-62_135_596_800_000, Instant.Never.Milliseconds + 1));
        var json = Some.Json(instant);
        Assert.Equal($"\"{instant}\"", json);
        Assert.Matches("""^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"$""", json);
        Assert.Equal(instant, Read(json[1..^1]));
        Assert.Equal(instant, Instant.From(instant.ToDateTimeOffset()));
    });

    [Fact]
    public void An_instant_reads_as_a_person_would_write_it()
    {
        Assert.Equal("2026-11-21T09:30:00.007Z", new Instant(1_795_253_400_007).ToString());
        Assert.Equal("1970-01-01T00:00:00.000Z", Instant.Epoch.ToString());
        Assert.Equal("9999-12-31T23:59:59.999Z", Instant.Never.ToString());
    }

    [Theory]
    [InlineData("2026-11-21T09:30:00Z", 0)]
    [InlineData("2026-11-21T09:30:00.0Z", 0)]
    [InlineData("2026-11-21T09:30:00.001999Z", 1)]
    [InlineData("2026-11-21T18:30:00+09:00", 0)]
    [InlineData("2026-11-21T18:30:00.005+09:00", 5)]
    [InlineData("2026-11-21T00:30:00-09:00", 0)]
    [InlineData("2026-11-21T09:30:00+00:00", 0)]
    public void Any_offset_is_read(string text, long after) =>
        Assert.Equal(new Instant(1_795_253_400_000 + after), Read(text));

    [Theory]
    [InlineData("2026-11-21T09:30:00")]
    [InlineData("2026-11-21T09:30:00.000")]
    [InlineData("2026-11-21T09:30")]
    [InlineData("2026-11-21")]
    [InlineData("2026-11-21Z")]
    [InlineData("2026-11")]
    [InlineData("09:30:00Z")]
    [InlineData("2026-11-21 09:30:00Z")]
    [InlineData("2026-13-21T09:30:00Z")]
    [InlineData("2026-02-30T09:30:00Z")]
    [InlineData("2026-11-21T25:30:00Z")]
    [InlineData("2026-11-21T09:30:00+0900")]
    [InlineData("2026-11-21T09:30:00+99:00")]
    [InlineData("1795253400000")]
    [InlineData("tomorrow")]
    [InlineData("2026-11-21T09:30Z")]
    [InlineData("2026-11-21T09:30+00:00")]
    [InlineData("2026-11-21T09:30:0Z")]
    [InlineData("T")]
    [InlineData("TZ")]
    [InlineData("Z")]
    [InlineData("")]
    public void What_has_no_offset_or_is_no_time_is_refused(string text) => Assert.Contains(
        "a time must be RFC 3339 with an offset, such as 2026-11-21T09:30:00Z",
        Assert.Throws<JsonException>(() => Read(text)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("1795253400000")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("{}")]
    public void What_is_no_text_is_no_time(string json) => Assert.Contains(
        "not a time", Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Instant>(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Never_is_never_passed()
    {
        Assert.Equal(Instant.Never, Instant.Never + Some.Ms(1));
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.MaxValue);
        Assert.Equal(Instant.Never, Some.Noon + TimeSpan.MaxValue);
        Assert.Equal(Instant.Never, new Instant(Instant.Never.Milliseconds - 1) + Some.Ms(1));
        Assert.True(new Instant(Instant.Never.Milliseconds - 2) + Some.Ms(1) < Instant.Never);
    }

    [Fact]
    public void Sums_and_differences_drop_parts_of_a_millisecond()
    {
        Assert.Equal(Some.Noon, Some.Noon + TimeSpan.FromTicks(9_999));
        Assert.Equal(new Instant(Some.Noon.Milliseconds + 1), Some.Noon + TimeSpan.FromTicks(10_000));
        Assert.Equal(new Instant(Some.Noon.Milliseconds - 1), Some.Noon - TimeSpan.FromTicks(19_999));
        Assert.Equal(Some.Ms(5), (Some.Noon + Some.Ms(5)) - Some.Noon);
        Assert.Equal(Some.Ms(-5), Some.Noon - (Some.Noon + Some.Ms(5)));
    }

    [Fact]
    public void An_instant_between_two_milliseconds_is_the_earlier_one()
    {
        Assert.Equal(1, Instant.From(DateTimeOffset.UnixEpoch.AddTicks(19_999)).Milliseconds);
        Assert.Equal(-1, Instant.From(DateTimeOffset.UnixEpoch.AddTicks(-1)).Milliseconds);
    }

    [Fact]
    public void Instants_are_ordered()
    {
        var (early, late) = (new Instant(1), new Instant(2));
        Assert.True(early < late && late > early && early <= late && late >= early);
        Assert.False(early > late || late < early || early >= late || late <= early);
        Assert.True(early <= new Instant(1) && early >= new Instant(1));
        Assert.False(early < new Instant(1) || early > new Instant(1));
        Assert.Equal(
            (early, early, late, late),
            (Instant.Min(early, late), Instant.Min(late, early), Instant.Max(early, late), Instant.Max(late, early)));
        Assert.True(early.CompareTo(late) < 0 && late.CompareTo(early) > 0 && early.CompareTo(new(1)) == 0);
    }

    private static Instant Read(string text) => JsonSerializer.Deserialize<Instant>(JsonSerializer.Serialize(text));
}
