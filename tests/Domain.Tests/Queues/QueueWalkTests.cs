using OrleansConcert.Domain.Audits;
using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

public class QueueWalkTests
{
    [Fact]
    public void A_queue_does_what_a_list_searched_from_the_front_would_do() =>
        Walk.Each(seeds: 200, steps: 250, random => new Walker(random).Step);

    private sealed class Walker(Random random)
    {
        private static readonly ImmutableArray<string> Users = ["u1", "u2", "u3", "U1", "u.5", "u6", "u7", "u8", "u9"];

        private readonly QueueModel _model = new();
        private readonly List<QueueEvent> _journal = [];
        private QueueState _queue = new();
        private Instant _now = Some.Noon;
        private (string Snapshot, int Length) _earlier = (Some.Json(new QueueState().ToSnapshot()), 0);
        private int _steps;

        public void Step()
        {
            PassTime();
            EndWhoIsDue();
            switch (random.Next(23))
            {
                case 19:
                    End();
                    break;
                case 0:
                    Put();
                    break;
                case 1:
                    SetMode();
                    break;
                case < 7:
                    Join();
                    break;
                case < 9:
                    Leave();
                    break;
                case < 11:
                    Permit();
                    break;
                case 11:
                    Unpin();
                    break;
                case < 14:
                    Complete();
                    break;
                case < 17:
                    Touch();
                    break;
                case 17:
                    Hold();
                    break;
                case 18 when random.Once(10):
                    Restart();
                    break;
                default:
                    Admit();
                    break;
            }

            Compare();
            if (++_steps % 100 == 0)
            {
                CompareReplays();
            }
        }

        /// <summary>Often not at all; often to just before, onto or just after a deadline; sometimes past a day.</summary>
        private void PassTime()
        {
            var span = random.Next(8) switch
            {
                0 or 1 => 0,
                2 => 1,
                3 => random.Next(100),
                4 => random.Next(3_000),
                5 => random.Once(20) ? random.Next(100_000_000) : random.Next(20_000),
                6 => ToDeadline(),
                _ => _model.Policy is null ? 0 : ToBoundary(),
            };
            _now = new(_now.Milliseconds + Math.Max(0, span));
        }

        private long ToDeadline()
        {
            var next = _model.Places.Where(place => place.Live).Select(place => place.EndsAt).DefaultIfEmpty(_now).Min();
            return next < Instant.Never ? next.Milliseconds - _now.Milliseconds + random.Next(-1, 2) : 0;
        }

        private long ToBoundary()
        {
            var next = _model.IntervalStart(_now) + _model.Policy!.AdmitEvery;
            return next.Milliseconds - _now.Milliseconds + random.Next(-1, 2);
        }

        private void EndWhoIsDue()
        {
            var expected = _model.Places
                .Where(place => place.Live && place.EndsAt <= _now)
                .OrderBy(place => place.EndsAt).ThenBy(place => place.Ticket)
                .Select(place => new Ended(
                    _now, place.Ticket, place.User, TokenStatus.Expired,
                    place.Status == TokenStatus.Waiting || place.IdleAt < place.ExpiresAt ? EndReason.Idle : EndReason.Ttl))
                .ToArray();
            if (_model.Places.Where(place => place.Live).Select(place => place.EndsAt).DefaultIfEmpty(Instant.Never).Min() is var next)
            {
                Assert.True(QueueScene.NextEndAt(_queue) <= next, "a deadline would be missed");
            }

            if (random.Once(3))
            {
                Assert.Equal(expected, QueueScene.Due(_queue, _now).ToArray());
            }

            var due = QueueScene.Due(_queue, _now);
            Assert.Equal(expected, due.ToArray());
            foreach (var ended in due.Cast<Ended>())
            {
                Fold(ended);
                QueueModel.End(_model.Find(ended.Ticket)!, ended.Status, ended.Reason, null, Version, _now);
            }
        }

        private void Put()
        {
            var every = random.Pick(100, 1_000, 1_001, 10_000);
            var policy = Some.QueuePolicy with
            {
                Reissue = random.Pick(Enum.GetValues<Reissue>().AsSpan()),
                AdmitCount = random.Pick<int?>(null, 1, 2, 3),
                AdmitEvery = Some.Ms(every),
                MaxActive = random.Pick<int?>(null, 1, 2, 4),
                AdmitOnPoll = random.Once(2),
                ActiveTtl = Some.Ms(random.Pick(1_000, 2_000, 5_000, 60_000)),
                ActiveIdleTimeout = random.Pick<TimeSpan?>(null, Some.Ms(1_000), Some.Ms(2_000), Some.Ms(3_000)),
                WaitingIdleTimeout = random.Pick<TimeSpan?>(null, Some.Ms(1_000), Some.Ms(2_000), Some.Ms(3_000)),
            };
            if (_model.Policy is { } same && random.Once(4))
            {
                var already = Same(() => Managing.Put(_queue, "standard", same with { }, _now));
                Assert.Equal((null, 0, _model.ChangedAt), (already.Refused, already.Events.Length, already.Shows));
                return;
            }

            var decision = Same(() => Managing.Put(_queue, "standard", policy, _now));
            if (_model.Policy == policy)
            {
                Assert.Empty(decision.Events);
                return;
            }

            Assert.Equal(
                _model.Policy is null ? new QueueOpened(_now, "standard", policy) : new PolicyChanged(_now, "standard", policy),
                decision.Events[0]);
            if (_model.Policy is null)
            {
                _model.StartIntervals(_now);
            }

            var before = _model.Policy?.ActiveIdleTimeout ?? TimeSpan.MaxValue;
            var requeues = policy.Reissue == Reissue.Requeue && _model.Policy?.Reissue != Reissue.Requeue;
            Fold(decision.Events[0]);
            _model.Change(policy, _model.Mode, Version, _now);
            var sooner = (policy.ActiveIdleTimeout ?? TimeSpan.MaxValue) < before;
            Pins([.. decision.Events.Skip(1)], before, place => sooner || (requeues && place.MayBeHeldAt(_now)));
        }

        /// <summary>
        /// Who could idle for so long keeps that: a policy moves no deadline already set. And where a rejoin costs the holds, those are
        /// known that may have some.
        /// </summary>
        private void Pins(QueueEvent[] pins, TimeSpan before, Func<Place, bool> which)
        {
            var next = 0;
            foreach (var place in _model.Places.Where(place => place.Status == TokenStatus.Active && which(place)))
            {
                var until = Instant.Min(place.ExpiresAt!.Value, _now + before + Some.Ms(2_000));
                if (place.PinnedUntil < until)
                {
                    Assert.Equal(new Pinned(_now, place.Ticket, until), pins[next]);
                    Fold(pins[next++]);
                    (place.PinnedUntil, place.ChangedAt) = (until, Version);
                }
            }

            Assert.Equal(pins.Length, next);
        }

        private void SetMode()
        {
            var mode = random.Pick(QueueMode.Open, QueueMode.Open, QueueMode.Paused, QueueMode.Draining);
            var decision = Same(() => Managing.Set(_queue, mode, _now));
            if (_model.Policy is null)
            {
                Refuses(decision, QueueRefusal.QueueNotFound);
                return;
            }

            if (_model.Mode == mode)
            {
                Assert.Equal((null, 0, _model.ChangedAt), (decision.Refused, decision.Events.Length, decision.Shows));
                return;
            }

            Fold(decision);
            Assert.Equal(mode, _queue.Mode);
            _model.Change(_model.Policy, mode, Version, _now);
            if (mode == QueueMode.Open)
            {
                _model.StartIntervals(_now);
            }
        }

        private void Join()
        {
            var user = random.Pick(Users.AsSpan());
            var nonce = (uint)random.Next();
            var givenUp = random.Pick(0, 0, _model.LiveOf(user)?.Ticket ?? 0, random.Next(_model.Places.Count + 2));
            var decision = Same(() => Queueing.Join(_queue, user, givenUp, nonce, _now));
            if (_model.Policy is null)
            {
                Refuses(decision, QueueRefusal.QueueNotFound);
            }
            else if (_model.LiveOf(user) is { } place)
            {
                JoinAgain(decision, place, givenUp, nonce);
            }
            else if (_model.Mode == QueueMode.Draining)
            {
                Refuses(decision, QueueRefusal.QueueClosed, _model.ChangedAt);
            }
            else
            {
                var ticket = _model.Places.Count + 1;
                Assert.Equal(new Joined(_now, ticket, user, nonce), Assert.Single(decision.Events));
                Fold(decision);
                _model.Join(ticket, user, nonce, Version, _now);
            }
        }

        private void JoinAgain(Decision<QueueEvent> decision, Place place, long givenUp, uint nonce)
        {
            var reissue = _model.Policy!.Reissue;
            if (reissue == Reissue.ReturnExisting || (reissue == Reissue.Requeue && _model.Mode == QueueMode.Draining))
            {
                Assert.Equal((null, 0, place.ChangedAt), (decision.Refused, decision.Events.Length, decision.Shows));
            }
            else if (reissue == Reissue.RotateInPlace)
            {
                Assert.Equal(new Rotated(_now, place.Ticket, place.User, nonce), Assert.Single(decision.Events));
                Fold(decision);
                place.Replaced.Add((place.Nonce, _now));
                (place.Nonce, place.ChangedAt) = (nonce, Version);
                _model.Touch(place, _now);
            }
            else if (givenUp != place.Ticket && (place.PinnedUntil > _now || place.HeldUntil > _now))
            {
                Refuses(decision, QueueRefusal.HasLiveHold, place.ChangedAt);
            }
            else
            {
                var ticket = _model.Places.Count + 1;
                QueueEvent[] expected =
                [
                    new Ended(_now, place.Ticket, place.User, TokenStatus.Expired, EndReason.Requeued),
                    new Joined(_now, ticket, place.User, nonce),
                ];
                Assert.Equal(expected, decision.Events.ToArray());
                Fold(expected[0]);
                QueueModel.End(place, TokenStatus.Expired, EndReason.Requeued, null, Version, _now);
                Fold(expected[1]);
                _model.Join(ticket, place.User, nonce, Version, _now);
            }
        }

        private void End()
        {
            var ticket = SomeTicket();
            var decision = Same(() => Queueing.End(_queue, ticket, "why", _now));
            var place = _model.Find(ticket);
            if (_model.Policy is null)
            {
                Refuses(decision, QueueRefusal.QueueNotFound);
            }
            else if (place is not { Live: true })
            {
                Refuses(decision, QueueRefusal.NotInQueue, place?.KnownAt(_now) == true ? place.ChangedAt : 0);
            }
            else
            {
                Assert.Equal(
                    new Ended(_now, ticket, place.User, TokenStatus.Cancelled, EndReason.Admin, Why: "why"),
                    Assert.Single(decision.Events));
                Fold(decision);
                QueueModel.End(place, TokenStatus.Cancelled, EndReason.Admin, null, Version, _now);
            }
        }

        private void Leave()
        {
            var ticket = SomeTicket();
            var decision = Same(() => Queueing.Leave(_queue, ticket, _now));
            var place = _model.Find(ticket);
            if (place is null || !place.KnownAt(_now))
            {
                Refuses(decision, QueueRefusal.NotInQueue);
            }
            else if (!place.Live)
            {
                RefusesEnded(decision, place);
            }
            else
            {
                Assert.Equal(
                    new Ended(_now, ticket, place.User, TokenStatus.Cancelled, EndReason.Left), Assert.Single(decision.Events));
                Fold(decision);
                QueueModel.End(place, TokenStatus.Cancelled, EndReason.Left, null, Version, _now);
            }
        }

        private void Permit()
        {
            var ticket = SomeTicket();
            var ttl = Some.Ms(random.Pick(1_000, 1_500, 4_000, 30_000));
            var decision = Same(() => Queueing.Permit(_queue, ticket, ttl, _now));
            var place = _model.Find(ticket);
            if (place is null || !place.KnownAt(_now))
            {
                Refuses(decision, QueueRefusal.NotInQueue);
            }
            else if (place.Status == TokenStatus.Waiting)
            {
                Refuses(decision, QueueRefusal.TokenNotActive, place.ChangedAt);
                var refused = (QueueRefused)decision.Refused!;
                Assert.Equal(TokenStatus.Waiting, refused.TokenStatus);
                Assert.Equal(_model.Waiting.TakeWhile(before => before != place).Count() + 1, refused.Position);
                Assert.Null(refused.EndedAt);
                Assert.Null(refused.EndReason);
            }
            else if (place.Status != TokenStatus.Active)
            {
                RefusesEnded(decision, place);
            }
            else if (place.ExpiresAt <= _now)
            {
                Refuses(decision, QueueRefusal.TokenEnded, place.ChangedAt);
                Assert.Equal(
                    (EndReason.Ttl, place.ExpiresAt),
                    (((QueueRefused)decision.Refused!).EndReason, ((QueueRefused)decision.Refused!).EndedAt));
            }
            else
            {
                Permitted(decision, place, _now + ttl + Some.Ms(2_000), ttl);
            }
        }

        private void Permitted(Decision<QueueEvent> decision, Place place, Instant until, TimeSpan ttl)
        {
            Assert.Null(decision.Refused);
            Assert.Equal(until, Queueing.PermitUntil(ttl, _now));
            var couldEndFirst = place.ExpiresAt < until || _model.Policy!.ActiveIdleTimeout < ttl
                || _model.Policy!.Reissue == Reissue.Requeue;
            if (couldEndFirst && place.PinnedUntil < until)
            {
                Assert.Equal(new Pinned(_now, place.Ticket, until), Assert.Single(decision.Events));
                Fold(decision);
                (place.PinnedUntil, place.ChangedAt) = (until, Version);
            }
            else
            {
                Assert.Equal((0, place.ChangedAt), (decision.Events.Length, decision.Shows));
            }

            _queue.Hold(_queue.Find(place.Ticket)!, until);
            place.HeldUntil = place.HeldUntil > until ? place.HeldUntil : until;
            Assert.True(_queue.Find(place.Ticket)!.EndsAt >= until, "a permitted token may not end before its permit");
        }

        private void Unpin()
        {
            var ticket = SomeTicket();
            var decision = Same(() => Queueing.Unpin(_queue, ticket, _now));
            if (_model.Find(ticket) is { Status: TokenStatus.Active } place && place.PinnedUntil > _now)
            {
                Assert.Equal(new Pinned(_now, ticket, _now), Assert.Single(decision.Events));
                Fold(decision);
                (place.PinnedUntil, place.ChangedAt) = (_now, Version);
            }
            else
            {
                Assert.Equal((null, 0), (decision.Refused, decision.Events.Length));
            }
        }

        private void Complete()
        {
            var ticket = SomeTicket();
            var payment = $"pay.{random.Next(5)}";
            var decision = Same(() => Queueing.Complete(_queue, ticket, payment, _now));
            Assert.Null(decision.Refused);
            var place = _model.Find(ticket);
            if (place?.Status == TokenStatus.Done)
            {
                Assert.Empty(decision.Events);
                if (place.KnownAt(_now))
                {
                    Assert.Equal(place.ChangedAt, decision.Shows);
                }
            }
            else if (place is not null && place.KnownAt(_now))
            {
                Assert.Equal(
                    new Ended(_now, ticket, place.User, TokenStatus.Done, EndReason.Paid, payment), Assert.Single(decision.Events));
                Fold(decision);
                QueueModel.End(place, TokenStatus.Done, EndReason.Paid, payment, Version, _now);
            }
            else
            {
                Assert.Empty(decision.Events);
            }
        }

        private void Touch()
        {
            if (_model.Find(SomeTicket()) is { Live: true } place)
            {
                _queue.Touch(_queue.Find(place.Ticket)!, _now);
                _model.Touch(place, _now);
            }
        }

        private void Hold()
        {
            if (_model.Find(SomeTicket()) is not { Status: TokenStatus.Active } place)
            {
                return;
            }

            var until = random.Once(2) ? Instant.Epoch : _now + Some.Ms(random.Next(5_000));
            _queue.Hold(_queue.Find(place.Ticket)!, until);
            place.HeldUntil = until == Instant.Epoch || until > place.HeldUntil ? until : place.HeldUntil;
        }

        private void Restart()
        {
            _queue = QueueState.From(_queue.ToSnapshot());
            _queue.TouchAll(_now);
            _model.Restart(_now);
        }

        private void Admit()
        {
            var atBoundary = random.Once(2);
            Assert.Equal(_model.NextAdmission(_now), Admitting.NextAt(_queue, _now));
            var expected = _model.MayAdmit(atBoundary, _now);
            var events = Admitting.Due(_queue, _now, atBoundary);
            Assert.Equal(events.ToArray(), Admitting.Due(_queue, _now, atBoundary).ToArray());
            if (expected == 0)
            {
                Assert.Empty(events);
                return;
            }

            Assert.Equal(_model.IntervalStart(_now), Admitting.IntervalOf(_queue, _now));
            var through = _model.Waiting.ElementAt(expected - 1).Ticket;
            Assert.Equal(
                new Admitted(_now, through, expected, _now + _model.Policy!.ActiveTtl), Assert.Single(events));
            Fold(events[0]);
            _model.Admit(expected, Version, _now);
            Assert.True(_queue.ActiveCount <= (_model.Policy.MaxActive ?? int.MaxValue), "admission raised ACTIVE above maxActive");
        }

        private long SomeTicket() => random.Once(3)
            ? random.Next(-1, _model.Places.Count + 3)
            : Math.Max(1, _model.Places.Count - random.Next(12));

        private long Version => _journal.Count;

        private void Fold(Decision<QueueEvent> decision)
        {
            foreach (var happened in decision.Events)
            {
                Fold(happened);
            }
        }

        private void Fold(QueueEvent happened)
        {
            _journal.Add(happened);
            _queue.Apply(happened, Version);
        }

        private static Decision<QueueEvent> Same(Func<Decision<QueueEvent>> decide)
        {
            var (once, twice) = (decide(), decide());
            Assert.Equal(once.Events.ToArray(), twice.Events.ToArray());
            Assert.Equal((once.Refused, once.Shows), (twice.Refused, twice.Shows));
            Assert.True(once.Refused is null || once.Events.IsEmpty);
            return once;
        }

        private static void Refuses(Decision<QueueEvent> decision, QueueRefusal reason, long shows = 0)
        {
            Assert.Equal(reason, Assert.IsType<QueueRefused>(decision.Refused).Reason);
            Assert.Equal(shows, decision.Shows);
        }

        private static void RefusesEnded(Decision<QueueEvent> decision, Place place)
        {
            Refuses(decision, QueueRefusal.TokenEnded, place.ChangedAt);
            var refused = (QueueRefused)decision.Refused!;
            Assert.Equal(
                (place.Status, place.Reason, place.EndedAt, place.PaymentId),
                (refused.TokenStatus, refused.EndReason, refused.EndedAt, refused.With.PaymentId));
        }

        private void Compare()
        {
            var waiting = _model.Waiting.Select(place => place.Ticket).ToArray();
            Assert.Equal(waiting, _queue.Line.FromFront());
            Assert.Equal(waiting.Length, _queue.Line.Count);
            Assert.Equal(_model.Active, _queue.ActiveCount);
            Assert.Equal(_model.Places.Count, _queue.LastTicket);
            Assert.Equal(_model.Policy, _queue.Policy);
            Assert.Equal(_model.Mode, _queue.Mode);
            Assert.Equal(
                new(
                    _model.Admitted, _model.CountOf(TokenStatus.Done),
                    _model.CountOf(TokenStatus.Expired), _model.CountOf(TokenStatus.Cancelled)),
                _queue.Totals);
            for (var index = 0; index < waiting.Length; index++)
            {
                Assert.Equal(index, _queue.Line.Ahead(waiting[index]));
            }

            foreach (var user in Users)
            {
                Assert.Equal(_model.LiveOf(user)?.Ticket, _queue.LiveOf(user)?.Ticket);
            }

            foreach (var place in _model.Places.TakeLast(15).Concat(_model.Places.Take(5)))
            {
                Compare(place, Queueing.Known(_queue, place.Ticket, _now));
            }

            Assert.Null(Queueing.Known(_queue, 0, _now));
            Assert.Null(Queueing.Known(_queue, _model.Places.Count + 1, _now));
        }

        private void Compare(Place place, Token? token)
        {
            Assert.Null(Queueing.RotatedAt(_queue, place.Ticket, place.Nonce, _now));
            foreach (var (nonce, at) in place.Replaced)
            {
                Instant? known = _now - at < TimeSpan.FromHours(24) ? at : null;
                Assert.Equal(known, Queueing.RotatedAt(_queue, place.Ticket, nonce, _now));
            }

            if (!place.KnownAt(_now))
            {
                Assert.Null(token);
                return;
            }

            Assert.Equal(
                (place.User, place.Nonce, place.IssuedAt, place.Status, place.ChangedAt),
                (token!.UserId, token.Nonce, token.IssuedAt, token.Status, token.ChangedAt));
            Assert.Equal(
                (place.ActivatedAt, place.ExpiresAt, place.EndedAt, place.Reason, place.PaymentId),
                (token.ActivatedAt, token.ExpiresAt, token.EndedAt, token.Reason, token.PaymentId));
            Assert.Equal(place.Live ? place.EndsAt : place.EndedAt, token.EndsAt);
        }

        /// <summary>The auditor finds nothing; payments are left out here, since none was made.</summary>
        private void CompareAudit()
        {
            var (auditor, ended) = (new Auditor(), new HashSet<long>());
            foreach (var happened in _journal)
            {
                var end = happened as Ended;
                if (end is null || ended.Add(end.Ticket))
                {
                    auditor.Observe("main", end is { Status: TokenStatus.Done } ? end with { Status = TokenStatus.Cancelled } : happened);
                }
            }

            Assert.Empty(auditor.Findings);
        }

        private void CompareReplays()
        {
            var expected = Some.Json(_queue.ToSnapshot());
            var replayed = new QueueState();
            for (var index = 0; index < _journal.Count; index++)
            {
                replayed.Apply(_journal[index], index + 1);
            }

            Assert.Equal(expected, Some.Json(replayed.ToSnapshot()));
            var snapshot = System.Text.Json.JsonSerializer.Deserialize<QueueSnapshot>(_earlier.Snapshot)!;
            var resumed = QueueState.From(snapshot);
            for (var index = _earlier.Length; index < _journal.Count; index++)
            {
                resumed.Apply(_journal[index], index + 1);
            }

            Assert.Equal(expected, Some.Json(resumed.ToSnapshot()));
            Assert.Equal(_queue.Tokens().Select(token => token.Ticket), resumed.Tokens().Select(token => token.Ticket));
            _earlier = (expected, _journal.Count);
            CompareAudit();
        }
    }
}
