using OrleansConcert.Domain.Audits;
using OrleansConcert.Domain.Payments;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Tests.Audits;

public class AuditWalkTests
{
    private static readonly ImmutableArray<string> Users = ["u1", "u2"];

    [Fact]
    public void Whatever_the_rules_allow_is_in_order_and_sums_up() =>
        Walk.Each(seeds: 200, steps: 150, random => new Walker(random).Step);

    /// <summary>Buyers of one house, each step a step of a payment or refund, in the order in which grains take them.</summary>
    private sealed class Walker
    {
        private readonly Random _random;
        private readonly Auditor _auditor = new();
        private readonly ScheduleState _schedule = new();
        private readonly Dictionary<string, WalletState> _wallets = Users.ToDictionary(user => user, _ => new WalletState());
        private Instant _now = Some.Noon;
        private long _version;
        private AuditSums _sums = new();
        private int _ids;

        public Walker(Random random)
        {
            _random = random;
            foreach (var happened in new QueueEvent[]
            {
                new QueueOpened(_now, "standard", Some.QueuePolicy),
                new Joined(_now, 1, "u1", 0),
                new Joined(_now, 2, "u2", 0),
                new Admitted(_now, 2, 2, _now + Some.QueuePolicy.ActiveTtl),
            })
            {
                _auditor.Observe("main", happened);
            }

            Fold(Holding.Open(_schedule, Some.Schedule(null, new("A", 2, 3, 50), new("B", 1, 4, 30)), _now));
        }

        public void Step()
        {
            _now += Some.Ms(_random.Pick(0, 0, 1, 1_000, 200_000));
            Fold(Holding.Lapses(_schedule, _now));
            var user = _random.Pick(Users.AsSpan());
            switch (_random.Next(8))
            {
                case 0:
                    Charge(user);
                    break;
                case 1 or 2:
                    var holder = new Holder(user, Users.IndexOf(user) + 1, $"r{++_ids}", Instant.Never);
                    Fold(Holding.HoldBest(_schedule, holder, _random.Next(1, 4), null, 0, _now));
                    break;
                default:
                    Advance(_random.Next(0, Math.Max(1, _schedule.Reservations().Count())));
                    break;
            }

            var (findings, sums) = _auditor.Conclude();
            Assert.Empty(findings);
            Assert.Equal(_wallets.Values.Sum(wallet => wallet.Balance), sums.Balances);
            Assert.Equal(_schedule.SoldCount, sums.SoldSeats);
            Assert.Equal(
                _schedule.Reservations().Where(one => one.Status == ReservationStatus.Paid).Sum(one => one.Amount), sums.SoldValue);
            Assert.Equal(_sums, sums with { Balances = 0, SoldSeats = 0, SoldValue = 0 });
        }

        private void Charge(string user)
        {
            var amount = _random.Next(1, 200);
            Fold(user, Accounting.Charge(_wallets[user], amount, "e", _now).Events);
            _sums = _sums with { Charged = _sums.Charged + amount };
        }

        private void Advance(int index)
        {
            if (_schedule.Reservations().ElementAtOrDefault(index) is not { } one)
            {
                return;
            }

            var (wallet, payment) = (_wallets[one.UserId], one.Payment?.PaymentId ?? $"p{++_ids}");
            switch (one.Status)
            {
                case ReservationStatus.Held:
                    Fold(_random.Once(4)
                        ? Holding.Release(_schedule, one.Id, one.UserId, _now)
                        : Paying.Start(_schedule, one.Id, one.UserId, payment, null, _now));
                    break;
                case ReservationStatus.Paying when wallet.Find(payment) is null:
                    Debit(one, payment);
                    break;
                case ReservationStatus.Paying when wallet.Find(payment) is { Status: DebitStatus.Voided }:
                    Fold(Paying.Abort(_schedule, one.Id, payment, AbortReason.InsufficientBalance, _now));
                    break;
                case ReservationStatus.Paying:
                    Fold(Paying.Complete(_schedule, one.Id, payment, wallet.Balance, _now));
                    _sums = _sums with { Payments = _sums.Payments + 1 };
                    break;
                case ReservationStatus.Paid or ReservationStatus.Refunded when !one.Payment!.Settled && _random.Once(2):
                    Settle(one, wallet, payment);
                    break;
                case ReservationStatus.Paid when one.Payment!.Refund is null:
                    Fold(Refunding.Start(_schedule, payment, "admin", "why", null, _now));
                    break;
                case ReservationStatus.Paid when wallet.RefundedAt(payment) is null:
                    Fold(one.UserId, Accounting.Refund(wallet, payment, one.Amount, "e", _now));
                    _sums = _sums with { Refunded = _sums.Refunded + one.Amount };
                    break;
                case ReservationStatus.Paid:
                    Fold(Refunding.Complete(_schedule, payment, wallet.RefundedAt(payment)!.Value, _now));
                    break;
            }
        }

        private void Settle(Reservation one, WalletState wallet, string payment)
        {
            var receipt = new Receipt(payment, one.Id, "friday", "concert", one.UserId, [], one.Amount, 0, _now, false);
            Fold(one.UserId, Accounting.Settle(wallet, receipt, _now));
            Fold(Paying.Settle(_schedule, one.Id, payment, _now));
        }

        private void Debit(Reservation one, string payment)
        {
            var decision = Accounting.Debit(_wallets[one.UserId], payment, one.Amount, one.Payment!.StartedAt, "e", _now);
            var taken = decision.Refused is null;
            _sums = taken ? _sums with { Paid = _sums.Paid + one.Amount } : _sums;
            Fold(one.UserId, taken ? decision.Events : Accounting.Void(_wallets[one.UserId], payment, one.Payment!.StartedAt, _now));
        }

        private void Fold(Decision<SeatEvent> decision) => Fold(decision.Events);

        private void Fold(ImmutableArray<SeatEvent> events)
        {
            foreach (var happened in events)
            {
                _schedule.Apply(happened, ++_version);
                _auditor.Observe("friday", happened);
            }
        }

        private void Fold(string user, ImmutableArray<WalletEvent> events)
        {
            foreach (var happened in events)
            {
                _wallets[user].Apply(happened);
                _auditor.Observe(user, happened);
            }
        }
    }
}
