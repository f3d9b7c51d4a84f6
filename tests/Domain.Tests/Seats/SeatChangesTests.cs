using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Tests.Seats;

public class SeatChangesTests
{
    [Fact]
    public void Changes_since_any_version_are_those_that_a_list_of_everything_has_or_unknown() =>
        Walk.Each(seeds: 20, steps: 400, random => new Walker(random).Step);

    [Fact]
    public void As_many_changes_are_kept_as_the_house_has_seats()
    {
        var changes = new SeatChanges(300, 7);
        for (var change = 0; change < 300; change++)
        {
            changes.Add(8 + change, change);
        }

        Assert.Equal(300, changes.After(7)!.Count);
        changes.Add(308, 0);
        Assert.Null(changes.After(7));
        Assert.Equal(300, changes.After(8)!.Count);
    }

    [Fact]
    public void A_version_is_known_as_a_whole_or_not_at_all()
    {
        var changes = new SeatChanges(1, 0);
        for (var change = 0; change < 257; change++)
        {
            changes.Add(1 + (change / 2), change);
        }

        Assert.Null(changes.After(0));
        Assert.Equal(255, changes.After(1)!.Count);
    }

    private sealed class Walker(Random random)
    {
        private readonly int _start = random.Next(3);
        private readonly List<(long Version, int Seat)> _all = [];
        private SeatChanges? _changes;

        public void Step()
        {
            _changes ??= new(random.Next(2) * 600, _start);
            var version = _changes.Version + random.Next(1, 4);
            for (var count = random.Next(1, 5); count > 0; count--)
            {
                var seat = random.Next(40);
                _changes.Add(version, seat);
                _all.Add((version, seat));
            }

            var since = random.NextInt64(_changes.Version + 2);
            var expected = _all.Where(change => change.Version > since).GroupBy(change => change.Seat)
                .Select(seat => (seat.Max(change => change.Version), seat.Key)).Order();
            var told = _changes.After(since);
            if (told is null)
            {
                Assert.True(since > _changes.Version || since < _start || IsOld(since));
                return;
            }

            Assert.InRange(since, _start, _changes.Version);
            Assert.Equal(expected, told.Order());
            Assert.Equal(told.Select(change => change.Version).Order(), told.Select(change => change.Version));
        }

        /// <summary>Whether more than the fewest kept came after it.</summary>
        private bool IsOld(long since) => _all.Count(change => change.Version >= since) > 256;
    }
}
