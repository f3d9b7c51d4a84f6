using System.Text.Json;
using OrleansConcert.Domain.Concerts;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Tests.Concerts;

public class ProgrammingTests
{
    private static readonly ConcertDefinition Definition = new("concert", "Title", "main", "Asia/Seoul", Some.SalePolicy);

    [Fact]
    public void A_concert_announces_lists_and_withdraws_like_two_lists() => Walk.Each(seeds: 100, steps: 30, random =>
    {
        var (concert, journal) = (new ConcertState(), new List<ConcertEvent>());
        var (made, listed, announced) = (false, new List<ScheduleDefinition>(), new List<AnnouncedSchedule>());
        var (earlier, length) = (Some.Json(concert.ToSnapshot()), 0);
        return () =>
        {
            var schedule = Some.Schedule() with
            {
                ScheduleId = random.Pick("s1", "s2", "s3", "S1", "s5", "s6"),
                StartsAt = Some.Noon + Some.Ms(random.Next(3)),
            };
            var repeat = random.Once(2) ? new Repeat("admin", "key", "ff") : null;
            switch (random.Next(4))
            {
                case 0 when random.Once(3):
                    var making = Programming.Make(concert, Definition, Some.Noon);
                    Assert.Equal(made, Reason(making) == ConcertRefusal.AlreadyExists && making.Shows == 1);
                    Fold(making);
                    made = true;
                    break;
                case 1 when announced.Count > 0:
                    var listing = announced[random.Next(announced.Count)];
                    Fold(Decision<ConcertEvent>.Yes(new ScheduleListed(Some.Noon, listing.Definition.ScheduleId)));
                    announced.Remove(listing);
                    listed.Add(listing.Definition);
                    break;
                case 2 when announced.Count > 0:
                    var withdrawing = announced[random.Next(announced.Count)];
                    Fold(Decision<ConcertEvent>.Yes(new ScheduleWithdrawn(Some.Noon, withdrawing.Definition.ScheduleId)));
                    announced.Remove(withdrawing);
                    break;
                default:
                    Fold(Announce(concert, made, listed, announced, new(schedule, repeat)));
                    break;
            }

            Assert.Equal(made ? Definition : null, concert.Definition);
            Assert.Equal(announced, concert.Announced);
            Assert.Equal(
                listed.OrderBy(one => one.StartsAt.Milliseconds).ThenBy(one => one.ScheduleId, StringComparer.Ordinal), concert.Schedules);
            Assert.Equal(listed.Count, concert.ScheduleCount);
            Assert.Equal(listed.Find(one => one.ScheduleId == schedule.ScheduleId), concert.Find(schedule.ScheduleId));
            CompareReplays();

            void Fold(Decision<ConcertEvent> decision)
            {
                foreach (var happened in decision.Events)
                {
                    journal.Add(happened);
                    concert.Apply(happened);
                }
            }

            void CompareReplays()
            {
                var expected = Some.Json(concert.ToSnapshot());
                var replayed = new ConcertState();
                journal.ForEach(replayed.Apply);
                var resumed = ConcertState.From(JsonSerializer.Deserialize<ConcertSnapshot>(earlier)!);
                journal.Skip(length).ToList().ForEach(resumed.Apply);
                Assert.Equal((expected, expected), (Some.Json(replayed.ToSnapshot()), Some.Json(resumed.ToSnapshot())));
                if (random.Once(3))
                {
                    (earlier, length) = (expected, journal.Count);
                }
            }
        };
    });

    /// <summary>Announces as the rules have it, and in the two lists, and compares.</summary>
    private static Decision<ConcertEvent> Announce(
        ConcertState concert, bool made, List<ScheduleDefinition> listed, List<AnnouncedSchedule> announced, AnnouncedSchedule wanted)
    {
        var id = wanted.Definition.ScheduleId;
        var announcing = Programming.Announce(concert, wanted.Definition, wanted.Repeat, 55, Some.Noon);
        var known = listed.Concat(announced.Select(entry => entry.Definition)).Any(one => one.ScheduleId == id);
        Assert.Equal(!made ? ConcertRefusal.ConcertNotFound : known ? ConcertRefusal.AlreadyExists : null, Reason(announcing));
        Assert.Equal(made && known ? 55 : 0, announcing.Shows);
        if (made && !known)
        {
            Assert.Equal(
                new ScheduleAnnounced(Some.Noon, wanted.Definition, wanted.Repeat), Assert.Single(announcing.Events));
            announced.Add(wanted);
        }

        return announcing;
    }

    [Fact]
    public void A_concert_has_a_thousand_schedules_at_most_announced_or_listed()
    {
        var concert = new ConcertState();
        concert.Apply(new ConcertMade(Some.Noon, Definition));
        for (var number = 1; number <= 1_000; number++)
        {
            var decision = Programming.Announce(concert, Some.Schedule() with { ScheduleId = $"s{number}" }, null, 0, Some.Noon);
            concert.Apply(decision.Events.Single());
            if (number % 2 == 0)
            {
                concert.Apply(new ScheduleListed(Some.Noon, $"s{number}"));
            }
        }

        var refused = Programming.Announce(concert, Some.Schedule() with { ScheduleId = "more" }, null, 9, Some.Noon);
        Assert.Equal((ConcertRefusal.LimitExceeded, 9), (Reason(refused), refused.Shows));
        Assert.Equal(1_000, refused.Refused!.With.Limit);
        Assert.Equal(
            ConcertRefusal.AlreadyExists,
            Reason(Programming.Announce(concert, Some.Schedule() with { ScheduleId = "s1" }, null, 9, Some.Noon)));

        concert.Apply(new ScheduleWithdrawn(Some.Noon, "s1"));
        Assert.Null(Programming.Announce(concert, Some.Schedule() with { ScheduleId = "more" }, null, 9, Some.Noon).Refused);
    }

    [Fact]
    public void A_concert_is_there_once_it_was_made()
    {
        var concert = new ConcertState();
        Assert.Equal((ConcertRefusal.ConcertNotFound, 0), (Reason(Programming.Exists(concert)), Programming.Exists(concert).Shows));

        concert.Apply(new ConcertMade(Some.Noon, Definition));

        Assert.Equal((null, 1), (Programming.Exists(concert).Refused, Programming.Exists(concert).Shows));
    }

    [Fact]
    public void A_day_begins_at_midnight_of_its_zone()
    {
        var midnight = Instant.From(new(2026, 12, 24, 0, 0, 0, TimeSpan.FromHours(9)));

        Assert.Equal("2026-12-24", Programming.DayOf(midnight, "Asia/Seoul"));
        Assert.Equal("2026-12-23", Programming.DayOf(midnight - Some.Ms(1), "Asia/Seoul"));
    }

    private static ConcertRefusal? Reason(Decision<ConcertEvent> decision) => ((ConcertRefused?)decision.Refused)?.Reason;
}
