using OrleansConcert.Domain.Concerts;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Tests;

/// <summary>An event that a later version stored is never skipped: what followed from it would be lost.</summary>
public class UnknownEventTests
{
    [Fact]
    public void A_queue_stops_at_an_event_it_does_not_know() =>
        Stops("A queue does not know the event QueueMoved.", () => new QueueState().Apply(new QueueMoved(Some.Noon), 1));

    [Fact]
    public void A_schedule_stops_at_an_event_it_does_not_know() =>
        Stops("A schedule does not know the event SeatPainted.", () => new ScheduleState().Apply(new SeatPainted(Some.Noon), 1));

    [Fact]
    public void A_wallet_stops_at_an_event_it_does_not_know() =>
        Stops("A wallet does not know the event WalletLost.", () => new WalletState().Apply(new WalletLost(Some.Noon)));

    [Fact]
    public void A_concert_stops_at_an_event_it_does_not_know() =>
        Stops("A concert does not know the event ConcertMoved.", () => new ConcertState().Apply(new ConcertMoved(Some.Noon)));

    private static void Stops(string because, Action fold) =>
        Assert.Equal(because, Assert.Throws<InvalidOperationException>(fold).Message);

    private sealed record QueueMoved(Instant At) : QueueEvent(At);

    private sealed record SeatPainted(Instant At) : SeatEvent(At);

    private sealed record WalletLost(Instant At) : WalletEvent(At);

    private sealed record ConcertMoved(Instant At) : ConcertEvent(At);
}
