using System.Text.Json;
using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>
/// A queue played by tenths of a second: every tenth of its users polls as often as advised, and notes how long the wait is said to last.
/// </summary>
internal sealed class Played
{
    private static readonly TimeSpan Step = Some.Ms(100);

    private readonly Random _random;
    private QueueState _queue = new();
    private QueueBoard _board = new();
    private readonly PriorityQueue<long, Instant> _served = new();
    private readonly PriorityQueue<long, Instant> _polls = new();
    private readonly Dictionary<long, List<(Instant At, long Position, long? Wait)>> _told = [];
    private readonly Dictionary<long, Instant> _admittedAt = [];
    private Instant _interval;
    private long _version;

    public Played(Random random, QueuePolicy policy)
    {
        _random = random;
        policy = policy with { ActiveTtl = TimeSpan.FromDays(1), ActiveIdleTimeout = null, WaitingIdleTimeout = null };
        Fold(new QueueOpened(Now, "any", policy));
        _interval = Now;
    }

    public Instant Now { get; private set; } = Some.Noon;

    /// <summary>How long a place is taken on average.</summary>
    public int ServiceMs { get; set; } = 1;

    public void Join(int count)
    {
        for (; count > 0; count--)
        {
            Fold(new Joined(Now, _queue.LastTicket + 1, $"user{_queue.LastTicket + 1}", 1));
            if (_queue.LastTicket % 10 == 0)
            {
                _polls.Enqueue(_queue.LastTicket, Now + Some.Ms(_random.Next(10_000)));
            }

            Admit();
        }
    }

    public void Change(QueuePolicy policy) => Fold(new PolicyChanged(
        Now, "any", policy with { ActiveTtl = TimeSpan.FromDays(1), ActiveIdleTimeout = null, WaitingIdleTimeout = null }));

    public void Pause() => Fold(new QueuePaused(Now));

    /// <summary>A stop, and a start so much later from a snapshot.</summary>
    public void Restart(int downMs)
    {
        Now += Some.Ms(downMs);
        var (head, pieces) = _queue.Capture();
        _queue = QueueState.From(JsonSerializer.Deserialize<QueueSnapshot>(Some.Json(head))!, pieces);
        _board = QueueBoard.Of(_queue, _version, Now);
        _interval = Admitting.IntervalOf(_queue, Now);
    }

    public long? EstimateOfLast() => _board.EstimateMs(_queue.Line.Count, Now);

    /// <param name="leave">How many leave the line a second.</param>
    public void Run(int seconds, int leave = 0)
    {
        for (var step = 0; step < seconds * 10; step++)
        {
            Now += Step;
            while (_served.TryPeek(out var ticket, out var at) && at <= Now)
            {
                _served.Dequeue();
                Fold(new Ended(Now, ticket, $"user{ticket}", TokenStatus.Done, EndReason.Paid));
                Admit();
            }

            if (leave > 0 && step % 10 == 0 && _queue.Line.Count > 100)
            {
                var gone = _queue.Line.FromFront().ElementAt(_random.Next(_queue.Line.Count));
                Fold(new Ended(Now, gone, $"user{gone}", TokenStatus.Cancelled, EndReason.Left));
            }

            Admit();
            Poll();
        }
    }

    /// <summary>Every wait told from an instant on was as long as said.</summary>
    public void CheckSteady(double within, long slackMs, Instant from = default, long minimum = 0)
    {
        var admitted = _admittedAt.Where(token => _told.ContainsKey(token.Key)).ToArray();
        Assert.NotEmpty(admitted);
        foreach (var (ticket, admittedAt) in admitted)
        {
            foreach (var (at, position, wait) in _told[ticket].Where(told => told.At >= from && told.Position >= minimum))
            {
                // Who leaves shortens the wait of those behind: what was said at first can only have been too much.
                var lasted = (admittedAt - at).TotalMilliseconds;
                Assert.True(
                    wait >= (lasted * (1 - within)) - slackMs && (wait <= (lasted * (1 + within)) + slackMs || minimum == 0),
                    $"At {at - Some.Noon} ticket {ticket} at {position} was to wait {wait} ms and waited {lasted} ms.");
            }
        }
    }

    /// <summary>No wait told rises by more than a tenth from one poll to the next.</summary>
    public void CheckRises()
    {
        foreach (var (ticket, told) in _told)
        {
            foreach (var (before, after) in told.Zip(told.Skip(1)))
            {
                Assert.True(
                    before.Wait is null || after.Wait is null || after.Wait <= (before.Wait * 1.1) + 1,
                    $"Ticket {ticket} was told {before} and then {after}.");
            }
        }
    }

    private void Poll()
    {
        while (_polls.TryPeek(out var ticket, out var at) && at <= Now)
        {
            _polls.Dequeue();
            if (!_board.TryFind(ticket, 1, Now, out var place) || place.Status == TokenStatus.Active)
            {
                continue;
            }

            _polls.Enqueue(ticket, Now + Some.Ms(place.PollAfterMs - 100));
            if (!_told.TryGetValue(ticket, out var told))
            {
                _told.Add(ticket, told = []);
            }

            told.Add((Now, place.Position, place.EstimatedWaitMs));
        }
    }

    private void Admit()
    {
        var interval = Admitting.IntervalOf(_queue, Now);
        var due = Admitting.Due(_queue, Now, atBoundary: interval > _interval);
        _interval = interval;
        foreach (var admitted in due.Cast<Admitted>())
        {
            foreach (var ticket in _queue.Line.FromFront().TakeWhile(ticket => ticket <= admitted.Through))
            {
                _admittedAt[ticket] = Now;
                _served.Enqueue(ticket, Now + Some.Ms((long)(-Math.Log(1 - _random.NextDouble()) * ServiceMs)));
            }

            Fold(admitted);
        }
    }

    private void Fold(QueueEvent happened)
    {
        _queue.Apply(happened, ++_version);
        _board.Apply(happened, _version);
    }
}
