using System.Text.Json;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Tests.Seats;

public class SeatWalkTests
{
    [Fact]
    public void A_schedule_does_what_a_list_of_everything_ever_taken_would_do() =>
        Walk.Each(seeds: 200, steps: 200, random => new Walker(random).Step);

    private sealed class Walker
    {
        private static readonly ImmutableArray<string> Users = ["u1", "u2", "U1"];
        private static readonly ImmutableArray<string> NoSeats = ["", "A", "A-0-1", "A-01-1", "a-1-1", "A-4-1", "A-1-7", "B-1-1", "A-1-1 "];

        private readonly Random _random;
        private readonly ScheduleDefinition _definition;
        private readonly SeatModel _model;
        private readonly List<SeatEvent> _journal = [];
        private ScheduleState _schedule = new();
        private Instant _now = Some.Noon;
        private string _earlier = Some.Json(new ScheduleState().ToSnapshot());
        private int _earlierLength;
        private long _forgottenVersion;
        private int _steps;
        private int _ids;

        public Walker(Random random)
        {
            _random = random;
            var policy = Some.SalePolicy with
            {
                HoldTtl = Some.Ms(random.Pick(1_000, 5_000)),
                ExplicitReserve = random.Once(3),
                MaxSeatsPerHold = random.Next(1, 6),
                MaxSeatsPerUser = random.Pick<int?>(null, 4, 9),
            };
            _definition = Some.Schedule(policy, new("A", 3, 6, 50_000), new("B_2", 2, 5, 30_000)) with
            {
                SalesOpenAt = _now + Some.Ms(random.Next(500)),
                SalesCloseAt = _now + (random.Once(3) ? Some.Ms(40_000) : TimeSpan.FromDays(60)),
            };
            _model = new(_definition);
            Refuses(
                Holding.Hold(_schedule, Holder("u1", 1), ["A-1-1"], _now), SeatRefusal.ScheduleNotFound);
            Refuses(Holding.HoldBest(_schedule, Holder("u1", 1), 1, null, 9, _now), SeatRefusal.ScheduleNotFound);
            Fold(Holding.Open(_schedule, _definition, _now));
        }

        public void Step()
        {
            PassTime();
            LapseWhoIsDue();
            switch (_random.Next(18))
            {
                case < 4:
                    Hold();
                    break;
                case < 6:
                    HoldBest();
                    break;
                case 6:
                    Confirm();
                    break;
                case 7:
                    Release();
                    break;
                case 8 when _random.Once(3):
                    ReleaseAll();
                    break;
                case 9 or 10 or 11:
                    StartPayment();
                    break;
                case 12:
                    FinishPayment(complete: true);
                    break;
                case 13:
                    FinishPayment(complete: false);
                    break;
                case 14:
                    Settle();
                    break;
                case 16:
                    StartRefund();
                    break;
                case 17:
                    FinishRefund();
                    break;
                case 15 when _random.Once(10):
                    Restart();
                    break;
                default:
                    Match();
                    break;
            }

            Compare();
            if (++_steps % 50 == 0)
            {
                CompareReplays();
            }
        }

        private void PassTime()
        {
            var next = _model.Takings.Where(taking => taking.IsHold).Select(taking => taking.ExpiresAt).DefaultIfEmpty(_now).Min();
            var span = _random.Next(6) switch
            {
                0 or 1 => 0,
                2 => 1,
                3 => _random.Next(1_500),
                4 => _random.Once(30) ? _random.Next(100_000_000) : 7,
                _ => next.Milliseconds - _now.Milliseconds + _random.Next(-1, 2),
            };
            _now = new(_now.Milliseconds + Math.Max(0, span));
        }

        private void LapseWhoIsDue()
        {
            var due = _model.Takings
                .Where(taking => taking.IsHold && taking.ExpiresAt <= _now)
                .OrderBy(taking => taking.ExpiresAt).ThenBy(taking => taking.HeldAt).ThenBy(taking => taking.Id, StringComparer.Ordinal)
                .ToArray();
            foreach (var taking in due)
            {
                // By the clock it has lapsed before anybody tidied up.
                Assert.Equal(ReservationStatus.Expired, _schedule.Find(taking.Id)!.StatusAt(_now));
                Assert.False(_schedule.Find(taking.Id)!.KeepsSeatsAt(_now));
            }

            var next = _model.Takings.Where(taking => taking.IsHold).Select(taking => taking.ExpiresAt).DefaultIfEmpty(Instant.Never).Min();
            Assert.True(_schedule.NextDeadline <= next, "a deadline would be missed");
            var lapses = Holding.Lapses(_schedule, _now);
            Assert.Equal(due.Select(taking => (SeatEvent)new HoldLapsed(_now, taking.Id)).ToArray(), lapses.ToArray());
            Assert.Equal(lapses.ToArray(), Holding.Lapses(_schedule, _now).ToArray());
            foreach (var taking in due)
            {
                Fold(new HoldLapsed(_now, taking.Id));
                End(taking, ReservationStatus.Expired);
            }
        }

        private void Hold()
        {
            var holder = Holder(_random.Pick(Users.AsSpan()), _random.Next(1, 4));
            var count = _random.Next(_random.Once(10) ? 0 : 1, 4);
            var seats = Enumerable.Range(0, count).Select(_ => _model.House[_random.Next(_model.House.Length)].Id).ToList();
            if (_random.Once(10))
            {
                seats.Add(_random.Pick(NoSeats.AsSpan()));
            }

            if (seats.Count > 0 && _random.Once(10))
            {
                seats.Add(seats[0]);
            }

            var decision = Same(() => Holding.Hold(_schedule, holder, [.. seats], _now));
            if (_model.MayTake(holder.UserId, seats, seats.Count, _now) is not { } reason)
            {
                Held(decision, holder, [.. seats]);
                return;
            }

            var with = Refuses(decision, reason);
            if (reason == SeatRefusal.SeatNotFound)
            {
                Assert.Equal(seats.Where(seat => _model.House.All(known => known.Id != seat)), with.Seats);
            }
            else if (reason == SeatRefusal.LimitExceeded)
            {
                LimitIsSaid(decision, holder.UserId, seats.Count);
            }
            else if (reason == SeatRefusal.SeatsTaken)
            {
                var taken = seats.Where(seat => _model.HolderOf(seat) is not null).ToArray();
                Assert.Equal(taken, with.Seats);
                Assert.Equal(taken.Max(LastChangeOf), decision.Shows);
            }
        }

        private void HoldBest()
        {
            var holder = Holder(_random.Pick(Users.AsSpan()), _random.Next(1, 4));
            var count = _random.Next(_random.Once(10) ? -1 : 1, 6);
            var section = _random.Pick<string?>(null, null, "A", "B_2", "b_2", "C");
            var decision = Same(() => Holding.HoldBest(_schedule, holder, count, section, 77, _now));
            if (section is "C" or "b_2")
            {
                Assert.Equal(section, Assert.Single(Refuses(decision, SeatRefusal.SeatNotFound).Seats));
                return;
            }

            if (_model.MayTake(holder.UserId, [], count, _now) is { } reason)
            {
                Refuses(decision, reason);
                if (reason == SeatRefusal.LimitExceeded)
                {
                    LimitIsSaid(decision, holder.UserId, count);
                }

                return;
            }

            var best = _model.Best(count, section);
            if (best.IsEmpty)
            {
                Refuses(decision, SeatRefusal.NotEnoughSeats);
                Assert.Equal(77, decision.Shows);
                return;
            }

            Held(decision, holder, best);
        }

        private void LimitIsSaid(Decision<SeatEvent> decision, string user, int count)
        {
            var perHold = count > _definition.Policy.MaxSeatsPerHold;
            Assert.Equal(
                perHold ? _definition.Policy.MaxSeatsPerHold : _definition.Policy.MaxSeatsPerUser, decision.Refused!.With.Limit);
            Assert.Equal(
                perHold
                    ? 0
                    : _model.Takings.Where(taking => taking.User == user && taking.KeepsSeats)
                        .Select(taking => taking.ChangedAt).DefaultIfEmpty().Max(),
                decision.Shows);
        }

        private void Held(Decision<SeatEvent> decision, Holder holder, ImmutableArray<string> seats)
        {
            Assert.Null(decision.Refused);
            Assert.Equal(seats.Length, seats.Distinct().Count());
            Assert.All(seats, seat => Assert.Null(_model.HolderOf(seat)));
            var ends = _now + _definition.Policy.HoldTtl;
            var expiresAt = ends < holder.PermittedUntil ? ends : holder.PermittedUntil;
            AssertSame(
                [new SeatsHeld(_now, holder.ReservationId, holder.UserId, holder.Ticket, seats, _model.PriceOf(seats), expiresAt)],
                decision.Events);
            Fold(decision);
            _model.Takings.Add(new()
            {
                Id = holder.ReservationId,
                User = holder.UserId,
                Ticket = holder.Ticket,
                Seats = seats,
                HeldAt = _now,
                ExpiresAt = expiresAt,
                ChangedAt = Version,
            });
        }

        private void Confirm()
        {
            var (id, user) = SomeReservation();
            var decision = Same(() => Holding.Confirm(_schedule, id, user, _now));
            if (Owned(decision, id, user) is not { } taking)
            {
                return;
            }

            switch (taking.Status)
            {
                case ReservationStatus.Held:
                    AssertSame([new HoldConfirmed(_now, id)], decision.Events);
                    Fold(decision);
                    (taking.Status, taking.Confirmed, taking.ChangedAt) = (ReservationStatus.Reserved, true, Version);
                    break;
                case ReservationStatus.Reserved:
                    Already(decision, taking);
                    break;
                case ReservationStatus.Paying or ReservationStatus.Paid:
                    Refuses(decision, taking, SeatRefusal.AlreadyReserved);
                    break;
                default:
                    RefusesEnded(decision, taking);
                    break;
            }
        }

        private void Release()
        {
            var (id, user) = SomeReservation();
            var decision = Same(() => Holding.Release(_schedule, id, user, _now));
            if (Owned(decision, id, user) is not { } taking)
            {
                return;
            }

            switch (taking.Status)
            {
                case ReservationStatus.Held or ReservationStatus.Reserved:
                    AssertSame([new HoldReleased(_now, id, ReleaseReason.Released)], decision.Events);
                    Fold(decision);
                    End(taking, ReservationStatus.Cancelled);
                    break;
                case ReservationStatus.Cancelled:
                    Already(decision, taking);
                    break;
                case ReservationStatus.Paying:
                    Refuses(decision, taking, SeatRefusal.PaymentInProgress);
                    break;
                case ReservationStatus.Paid:
                    Refuses(decision, taking, SeatRefusal.AlreadyPaid);
                    break;
                default:
                    RefusesEnded(decision, taking);
                    break;
            }
        }

        private void ReleaseAll()
        {
            var (user, ticket) = (_random.Pick(Users.AsSpan()), _random.Next(1, 4));
            var expected = _model.Takings.Where(taking => taking.User == user && taking.Ticket == ticket && taking.IsHold).ToArray();
            var events = Holding.ReleaseAll(_schedule, user, ticket, ReleaseReason.LeftQueue, _now);
            AssertSame([.. expected.Select(taking => new HoldReleased(_now, taking.Id, ReleaseReason.LeftQueue))], events);
            foreach (var taking in expected)
            {
                Fold(new HoldReleased(_now, taking.Id, ReleaseReason.LeftQueue));
                End(taking, ReservationStatus.Cancelled);
            }
        }

        private void StartPayment()
        {
            var (id, user) = SomeReservation();
            var payment = $"p{++_ids}";
            var repeat = _random.Once(2) ? new Repeat(user, "key", "ff") : null;
            var decision = Same(() => Paying.Start(_schedule, id, user, payment, repeat, _now));
            if (Owned(decision, id, user) is not { } taking)
            {
                return;
            }

            switch (taking.Status)
            {
                case ReservationStatus.Held when _definition.Policy.ExplicitReserve:
                    Refuses(decision, taking, SeatRefusal.NotConfirmed);
                    break;
                case ReservationStatus.Held or ReservationStatus.Reserved:
                    AssertSame([new PaymentStarted(_now, id, payment, repeat)], decision.Events);
                    Fold(decision);
                    Assert.Equal(repeat, _schedule.Find(id)!.Payment!.Repeat);
                    (taking.Status, taking.Payment, taking.ChangedAt) = (ReservationStatus.Paying, payment, Version);
                    break;
                case ReservationStatus.Paying:
                    Refuses(decision, taking, SeatRefusal.PaymentInProgress);
                    break;
                case ReservationStatus.Paid:
                    Refuses(decision, taking, SeatRefusal.AlreadyPaid);
                    break;
                default:
                    RefusesEnded(decision, taking);
                    break;
            }
        }

        private void FinishPayment(bool complete)
        {
            var (id, payment) = SomePayment();
            var events = complete
                ? Paying.Complete(_schedule, id, payment, 123, _now)
                : Paying.Abort(_schedule, id, payment, AbortReason.InsufficientBalance, _now);
            if (Live(id) is not { Status: ReservationStatus.Paying } taking || taking.Payment != payment)
            {
                Assert.Empty(events);
                return;
            }

            AssertSame(
                [complete ? new SeatsSold(_now, id, payment, 123) : new PaymentAborted(_now, id, payment, AbortReason.InsufficientBalance)],
                events);
            Fold(events[0]);
            taking.ChangedAt = Version;
            if (complete)
            {
                taking.Status = ReservationStatus.Paid;
                Assert.Equal((_now, 123), (_schedule.Find(id)!.Payment!.PaidAt, _schedule.Find(id)!.Payment!.BalanceAfter));
            }
            else
            {
                taking.Status = taking.Confirmed ? ReservationStatus.Reserved : ReservationStatus.Held;
                taking.Payment = null;
                LapseWhoIsDue();
            }
        }

        private void Settle()
        {
            var (id, payment) = SomePayment();
            var events = Paying.Settle(_schedule, id, payment, _now);
            if (Live(id) is { Status: ReservationStatus.Paid or ReservationStatus.Refunded, Settled: false } taking
                && taking.Payment == payment)
            {
                AssertSame([new PaymentSettled(_now, id, payment)], events);
                Fold(events[0]);
                taking.Settled = true;
            }
            else
            {
                Assert.Empty(events);
            }
        }

        private void StartRefund()
        {
            var payment = SomePayment().Payment;
            var repeat = _random.Once(2) ? new Repeat("admin", "key", "ff") : null;
            var why = $"because of {_random.Next(9)}";
            var decision = Same(() => Refunding.Start(_schedule, payment, "admin", why, repeat, _now));
            var taking = _model.Takings.Find(taking => taking.Payment == payment);
            if (taking is not { Status: ReservationStatus.Paid or ReservationStatus.Refunded })
            {
                Refuses(decision, SeatRefusal.PaymentNotFound);
                return;
            }

            if (taking.Refunding)
            {
                Already(decision, taking);
                return;
            }

            AssertSame([new RefundStarted(_now, taking.Id, payment, "admin", why, repeat)], decision.Events);
            Fold(decision);
            (taking.Refunding, taking.ChangedAt) = (true, Version);
            Assert.Equal(new(_now, "admin", why, repeat), _schedule.FindPayment(payment)!.Payment!.Refund);
        }

        private void FinishRefund()
        {
            var refunding = _model.Takings.Where(taking => taking.Refunding && taking.Status == ReservationStatus.Paid).ToArray();
            var payment = refunding.Length > 0 && !_random.Once(4)
                ? refunding[_random.Next(refunding.Length)].Payment!
                : SomePayment().Payment;
            var events = Refunding.Complete(_schedule, payment, _now, _now);
            var taking = refunding.FirstOrDefault(taking => taking.Payment == payment);
            if (taking is null)
            {
                Assert.Empty(events);
                return;
            }

            AssertSame([new PaymentRefunded(_now, taking.Id, payment, _now)], events);
            Fold(events[0]);
            (taking.Status, taking.EndedAt, taking.ChangedAt) = (ReservationStatus.Refunded, _now, Version);
            Assert.Equal(_now, _schedule.FindPayment(payment)!.Payment!.Refund!.RefundedAt);
        }

        private void Match()
        {
            var user = _random.Pick(Users.AsSpan());
            ImmutableArray<string> seats = _model.Takings.Count == 0 || _random.Once(4)
                ? [_random.Pick("A-1-1", "", "A-9-9"), _random.Pick("A-1-2", "", "A-1-1")]
                : [.. _model.Takings[_random.Next(_model.Takings.Count)].Seats.Reverse()];
            var expected = seats.Distinct().Count() < seats.Length
                ? null
                : _model.Takings.LastOrDefault(taking =>
                    taking.User == user && Live(taking.Id) is not null && taking.Seats.Order().SequenceEqual(seats.Order()));
            Assert.Equal(expected?.Id, Paying.Match(_schedule, user, seats)?.Id);
            Assert.Null(Paying.Match(_schedule, user, []));
        }

        private void Restart()
        {
            _schedule = ScheduleState.From(_schedule.ToSnapshot());
            _forgottenVersion = Version;
            _model.Takings.ForEach(taking => taking.ChangedAt = 0);
        }

        private Holder Holder(string user, long ticket) =>
            new(user, ticket, $"r{++_ids}", _now + Some.Ms(_random.Pick(700, 5_000, 9_000)));

        private (string Id, string User) SomeReservation()
        {
            if (_model.Takings.Count == 0 || _random.Once(20))
            {
                return ("r0", "u1");
            }

            var taking = _random.Once(3)
                ? _model.Takings[_random.Next(_model.Takings.Count)]
                : _model.Takings[^_random.Next(1, Math.Min(6, _model.Takings.Count + 1))];
            return (taking.Id, _random.Once(6) ? _random.Pick(Users.AsSpan()) : taking.User);
        }

        private (string Id, string Payment) SomePayment()
        {
            var id = _model.Takings.Where(taking => taking.Payment is not null).OrderBy(_ => _random.Next()).FirstOrDefault()?.Id
                ?? SomeReservation().Id;
            return (id, _random.Once(5) ? $"p{_random.Next(_ids)}" : _model.Find(id)?.Payment ?? "p");
        }

        /// <summary>
        /// The reservation unless it ended a day before the last end, which is when it is forgotten; one that was refunded never is.
        /// </summary>
        private Taking? Live(string id) =>
            _model.Find(id) is { } taking
            && (taking.EndedAt is not { } ended || taking.Refunding || _lastEnd - ended < TimeSpan.FromHours(24))
                ? taking
                : null;

        private Instant _lastEnd;

        private void End(Taking taking, ReservationStatus status)
        {
            (taking.Status, taking.EndedAt, taking.ChangedAt) = (status, _now, Version);
            _lastEnd = _now;
        }

        private Taking? Owned(Decision<SeatEvent> decision, string id, string user)
        {
            if (Live(id) is not { } taking)
            {
                Refuses(decision, SeatRefusal.ReservationNotFound);
                return null;
            }

            if (taking.User != user)
            {
                Refuses(decision, SeatRefusal.NotOwner);
                Assert.Null(decision.Refused!.With.PaymentId);
                return null;
            }

            return taking;
        }

        private static void Already(Decision<SeatEvent> decision, Taking taking) =>
            Assert.Equal((null, 0, taking.ChangedAt), (decision.Refused, decision.Events.Length, decision.Shows));

        private static Particulars Refuses(Decision<SeatEvent> decision, SeatRefusal reason)
        {
            var refused = Assert.IsType<SeatRefused>(decision.Refused);
            Assert.Equal(reason, refused.Reason);
            return refused.With;
        }

        private static void Refuses(Decision<SeatEvent> decision, Taking taking, SeatRefusal reason)
        {
            var with = Refuses(decision, reason);
            Assert.Equal((taking.ExpiresAt, taking.Payment, taking.ChangedAt), (with.ExpiresAt, with.PaymentId, decision.Shows));
        }

        private static void RefusesEnded(Decision<SeatEvent> decision, Taking taking) => Refuses(
            decision,
            taking,
            taking.Status == ReservationStatus.Expired ? SeatRefusal.HoldExpired : SeatRefusal.ReservationCancelled);

        private static Decision<SeatEvent> Same(Func<Decision<SeatEvent>> decide)
        {
            var (once, twice) = (decide(), decide());
            AssertSame(once.Events, twice.Events);
            Assert.Equal(once.Shows, twice.Shows);
            Assert.Equal((once.Refused as SeatRefused)?.Reason, (twice.Refused as SeatRefused)?.Reason);
            Assert.True(once.Refused is null || once.Events.IsEmpty);
            return once;
        }

        private static void AssertSame(ImmutableArray<SeatEvent> expected, ImmutableArray<SeatEvent> actual) =>
            Assert.Equal(expected.Select(Text), actual.Select(Text));

        private static string Text(SeatEvent happened) => happened is SeatsHeld held
            ? $"{held with { Seats = [] }}{string.Join(' ', held.Seats)}"
            : happened.ToString();

        private long Version => _journal.Count;

        private void Fold(Decision<SeatEvent> decision)
        {
            foreach (var happened in decision.Events)
            {
                Fold(happened);
            }
        }

        private void Fold(SeatEvent happened)
        {
            _journal.Add(happened);
            _schedule.Apply(happened, Version);
            Assert.Equal(happened.At, _schedule.ChangedAt);
        }

        /// <summary>The version of the last event that took the seat, gave it back or sold it.</summary>
        private long LastChangeOf(string seat)
        {
            for (var version = _journal.Count; version > _forgottenVersion; version--)
            {
                var id = _journal[version - 1] switch
                {
                    SeatsHeld held => held.ReservationId,
                    HoldReleased released => released.ReservationId,
                    HoldLapsed lapsed => lapsed.ReservationId,
                    SeatsSold sold => sold.ReservationId,
                    PaymentRefunded refunded => refunded.ReservationId,
                    _ => null,
                };
                if (id is not null && (_model.Find(id) is null || _model.Find(id)!.Seats.Contains(seat)))
                {
                    return version;
                }
            }

            return 0;
        }

        private void Compare()
        {
            var kept = _model.Takings.Where(taking => taking.KeepsSeats).ToArray();
            Assert.Equal(kept.Sum(taking => taking.Seats.Length), kept.SelectMany(taking => taking.Seats).Distinct().Count());
            var sold = kept.Where(taking => taking.Status == ReservationStatus.Paid).Sum(taking => taking.Seats.Length);
            Assert.Equal(_model.House.Length - kept.Sum(taking => taking.Seats.Length), _schedule.AvailableCount);
            Assert.Equal((sold, sold == _model.House.Length), (_schedule.SoldCount, _schedule.IsSoldOut));
            Assert.Equal(
                kept.Any(taking => taking.Status != ReservationStatus.Paid) || _model.Takings.Any(taking => taking.IsUnfinished),
                _schedule.HasUnfinishedWork);
            Assert.Equal(
                _model.Takings.Where(taking => taking.IsUnfinished)
                    .OrderBy(taking => taking.Payment, StringComparer.Ordinal).Select(taking => taking.Id),
                _schedule.Unsettled().Select(reservation => reservation.Id));
            var bySeat = kept.SelectMany(taking => taking.Seats.Select(seat => (seat, taking))).ToDictionary();
            for (var index = 0; index < _model.House.Length; index++)
            {
                var taking = bySeat.GetValueOrDefault(_model.House[index].Id);
                Assert.Equal(taking?.Id, _schedule.HolderOf(index)?.Id);
                Assert.Equal(
                    taking is null ? SeatStatus.Available
                    : taking.Status == ReservationStatus.Paid ? SeatStatus.Sold : SeatStatus.Held,
                    _schedule.StatusOf(index));
            }

            var row = _random.Next(_schedule.Plan.RowCount);
            var seatsOfRow = Enumerable.Range(0, _model.House.Length).Where(seat => _schedule.Plan.RowOf(seat) == row);
            Assert.Equal(seatsOfRow.Count(seat => !bySeat.ContainsKey(_model.House[seat].Id)), _schedule.FreeInRow(row));
            var seatToWatch = _random.Next(_model.House.Length);
            Assert.Equal(LastChangeOf(_model.House[seatToWatch].Id), _schedule.SeatChangedAt(seatToWatch));
            foreach (var taking in _model.Takings.TakeLast(8))
            {
                Compare(taking, _schedule.Find(taking.Id));
            }

            foreach (var user in Users)
            {
                Assert.Equal(_model.SeatsOf(user), _schedule.SeatsOf(user, _now));
            }
        }

        private void Compare(Taking taking, Reservation? reservation)
        {
            if (Live(taking.Id) is null)
            {
                Assert.Null(reservation);
                return;
            }

            Assert.Equal(
                (taking.User, taking.Ticket, taking.HeldAt, taking.ExpiresAt, taking.Status, taking.Confirmed),
                (reservation!.UserId, reservation.Ticket, reservation.HeldAt, reservation.ExpiresAt, reservation.Status,
                    reservation.Confirmed));
            Assert.Equal(
                (taking.Payment, taking.Settled, taking.EndedAt, taking.ChangedAt, _model.PriceOf(taking.Seats)),
                (reservation.Payment?.PaymentId, reservation.Payment?.Settled ?? false, reservation.EndedAt, reservation.ChangedAt,
                    reservation.Amount));
            Assert.Equal(taking.Seats, reservation.Seats.Select(seat => _schedule.Plan.SeatAt(seat).ToString()));
            Assert.Equal(taking.Status, reservation.StatusAt(_now));
        }

        private void CompareReplays()
        {
            var expected = Some.Json(_schedule.ToSnapshot());
            var replayed = new ScheduleState();
            for (var index = 0; index < _journal.Count; index++)
            {
                replayed.Apply(_journal[index], index + 1);
            }

            Assert.Equal(expected, Some.Json(replayed.ToSnapshot()));
            var resumed = ScheduleState.From(JsonSerializer.Deserialize<ScheduleSnapshot>(_earlier)!);
            for (var index = _earlierLength; index < _journal.Count; index++)
            {
                resumed.Apply(_journal[index], index + 1);
            }

            Assert.Equal(expected, Some.Json(resumed.ToSnapshot()));
            Assert.Equal(
                Users.SelectMany(replayed.Of).Select(reservation => reservation.Id),
                Users.SelectMany(resumed.Of).Select(reservation => reservation.Id));
            (_earlier, _earlierLength) = (expected, _journal.Count);
        }
    }
}
