using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>Snapshots that are read piece by piece while the queue goes on.</summary>
public class QueueCaptureTests
{
    [Fact]
    public void A_capture_is_the_state_as_it_was_however_much_happens_until_it_is_read() =>
        Walk.Each(seeds: 12, steps: 150, random => new Walker(random).Step);

    [Fact]
    public void However_many_tokens_were_replaced_no_piece_of_a_capture_is_large()
    {
        var queue = new QueueState();
        Rotate(queue, 10_000, Some.Noon);

        var (head, pieces) = queue.Capture();
        var texts = pieces.Select(Some.Json).Prepend(Some.Json(head)).ToArray();

        Assert.All(texts, text => Assert.InRange(text.Length, 1, 50_000));
        Assert.InRange(texts.Sum(text => text.Length), 150_000, int.MaxValue);
    }

    [Fact]
    public void Replaced_tokens_are_captured_as_they_were_while_some_are_forgotten_and_others_come()
    {
        var (queue, aDay) = (new QueueState(), QueueState.EndedKnownFor);
        Rotate(queue, 3_000, Some.Noon);
        Rotate(queue, 2_000, Some.Noon + (aDay / 2));
        var then = queue.ToSnapshot();

        var (head, captured) = queue.Capture();
        var pieces = new List<TokensSnapshot>();
        foreach (var piece in captured)
        {
            pieces.Add(piece);
            Rotate(queue, 700, Some.Noon + aDay + Some.Ms(pieces.Count));
        }

        var restored = QueueState.From(head, pieces);
        Assert.Equal((5_000, Some.Json(then)), (then.Rotations.Length, Some.Json(restored.ToSnapshot())));
        Assert.Equal(Some.Noon, restored.RotatedAt(1, 0));
        for (var count = 1; count <= pieces.Count; count++)
        {
            Rotate(restored, 700, Some.Noon + aDay + Some.Ms(count));
        }

        Assert.Equal(Some.Json(queue.ToSnapshot()), Some.Json(restored.ToSnapshot()));
        Assert.Null(queue.RotatedAt(1, 0));
    }

    [Fact]
    public void For_a_capture_that_is_given_up_nothing_is_copied_any_more()
    {
        const int Blocks = 40;
        var queue = new QueueState();
        Rotate(queue, 1, Some.Noon);
        for (var ticket = 2L; ticket < Blocks * 1_024; ticket++)
        {
            queue.Apply(new Joined(Some.Noon, ticket, $"u{ticket}", 0), ticket);
        }

        var (_, pieces) = queue.Capture();
        using (var reading = pieces.GetEnumerator())
        {
            Assert.True(reading.MoveNext() && reading.MoveNext());
            Assert.InRange(CostOfAChangeEach(queue, Blocks), Blocks * 4_096, long.MaxValue);
        }

        Assert.InRange(CostOfAChangeEach(queue, Blocks), 0, Blocks * 1_024);
        var (_, next) = queue.Capture();
        Assert.Equal(Blocks * 1_024 - 1, next.Sum(piece => piece.Waiting.Tickets.Length));
    }

    /// <summary>Bytes allocated while a token of every block changes.</summary>
    private static long CostOfAChangeEach(QueueState queue, int blocks)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var block = 0L; block < blocks; block++)
        {
            var ticket = (block * 1_024) + 1;
            queue.Apply(new Rotated(Some.Noon, ticket, "", 1), 1);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>One user comes back so many times.</summary>
    private static void Rotate(QueueState queue, int count, Instant at)
    {
        if (queue.LastTicket == 0)
        {
            queue.Apply(new QueueOpened(at, "x", Some.QueuePolicy), 1);
            queue.Apply(new Joined(at, 1, "u", 0), 2);
        }

        for (; count > 0; count--)
        {
            queue.Apply(new Rotated(at, 1, "u", queue.Find(1)!.Nonce + 1), 3);
        }
    }

    private sealed class Walker
    {
        private readonly Random _random;
        private readonly QueueState _queue = new();
        private readonly List<QueueEvent> _journal = [];
        private readonly List<Reading> _readings = [];
        private Instant _now = Some.Noon;
        private int _users;

        public Walker(Random random)
        {
            _random = random;
            Fold(new QueueOpened(_now, "x", Some.QueuePolicy with { AdmitCount = null, MaxActive = null, WaitingIdleTimeout = null }));
        }

        public void Step()
        {
            _now += Some.Ms(_random.Once(40) ? 90_000_000 : _random.Next(20_000));
            switch (_random.Next(9))
            {
                case 0 or 1:
                    Joins(_random.Next(_random.Once(5) ? 1_500 : 60));
                    break;
                case 2:
                    Leaves(_random.Next(40));
                    break;
                case 3 when _queue.Line.Count > 0:
                    var count = _random.Next(1, _queue.Line.Count + 1);
                    Fold(new Admitted(_now, _queue.Line.FromFront().ElementAt(count - 1), count, _now + Some.Ms(60_000)));
                    break;
                case 4 when _queue.ActiveCount > 0:
                    var active = _queue.Tokens().First(token => token.Status == TokenStatus.Active);
                    Fold(new Pinned(_now, active.Ticket, _now + Some.Ms(_random.Next(90_000))));
                    break;
                case 5:
                    Ends();
                    break;
                case 6 when _queue.Tokens().FirstOrDefault(token => token.IsLive) is { } live:
                    Fold(new Rotated(_now, live.Ticket, live.UserId, (uint)_random.Next()));
                    break;
                case 7 when _readings.Count < 3:
                    Begin();
                    break;
                default:
                    ReadOn();
                    break;
            }
        }

        private void Joins(int count)
        {
            for (; count > 0; count--)
            {
                Fold(new Joined(_now, _queue.LastTicket + 1, $"u{_users++}", (uint)_random.Next()));
            }
        }

        private void Leaves(int count)
        {
            for (; count > 0; count--)
            {
                foreach (var happened in Queueing.Leave(_queue, _random.NextInt64(1, _queue.LastTicket + 2), _now).Events)
                {
                    Fold(happened);
                }
            }
        }

        private void Ends()
        {
            foreach (var ended in QueueScene.Due(_queue, _now))
            {
                Fold(ended);
            }

            Endings.Folded(_queue, _now, _now);
        }

        private void Begin()
        {
            var (head, pieces) = _queue.Capture();
            var (_, whole) = _queue.Capture();
            _readings.Add(new(
                Some.Json(_queue.ToSnapshot()), [.. whole.Select(Some.Json)], _journal.Count, head, pieces.GetEnumerator(), []));
        }

        private void ReadOn()
        {
            if (_readings.Count == 0)
            {
                return;
            }

            var reading = _random.Pick(_readings.ToArray());
            if (reading.Pieces.MoveNext())
            {
                Assert.Equal(reading.Whole[reading.Read.Count], Some.Json(reading.Pieces.Current));
                reading.Read.Add(reading.Pieces.Current);
                return;
            }

            _readings.Remove(reading);
            Assert.Equal(reading.Whole.Length, reading.Read.Count);
            var restored = QueueState.From(reading.Head, reading.Read);
            Assert.Equal(reading.Then, Some.Json(restored.ToSnapshot()));
            for (var index = reading.Length; index < _journal.Count; index++)
            {
                restored.Apply(_journal[index], index + 1);
            }

            Assert.Equal(Some.Json(_queue.ToSnapshot()), Some.Json(restored.ToSnapshot()));
            Assert.Equal(_queue.Line.FromFront(), restored.Line.FromFront());
            Assert.Equal((_queue.ActiveCount, _queue.KnownCount), (restored.ActiveCount, restored.KnownCount));
            Assert.All(
                _queue.Tokens().Where(token => token.IsLive),
                token => Assert.Equal(token.Ticket, restored.LiveOf(token.UserId)?.Ticket));
        }

        private void Fold(QueueEvent happened)
        {
            _journal.Add(happened);
            _queue.Apply(happened, _journal.Count);
        }

        private sealed record Reading(
            string Then, string[] Whole, int Length, QueueSnapshot Head, IEnumerator<TokensSnapshot> Pieces, List<TokensSnapshot> Read);
    }
}
