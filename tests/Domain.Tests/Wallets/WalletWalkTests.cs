using System.Text.Json;
using OrleansConcert.Domain.Payments;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Tests.Wallets;

public class WalletWalkTests
{
    [Fact]
    public void A_wallet_holds_the_sum_of_its_entries_and_takes_and_gives_once() =>
        Walk.Each(seeds: 200, steps: 200, random => new Walker(random).Step);

    /// <summary>The model keeps every entry, and for each payment what was done last and when.</summary>
    private sealed class Walker(Random random)
    {
        private readonly List<long> _entries = [];
        private readonly Dictionary<string, (DebitStatus Status, Instant At, long Amount)> _payments = [];
        private readonly Dictionary<string, Instant> _refunds = [];
        private readonly List<WalletEvent> _journal = [];
        private readonly WalletState _wallet = new();
        private Instant _now = Some.Noon;
        private Instant _lastEvent = Some.Noon;
        private string _earlier = Some.Json(new WalletState().ToSnapshot());
        private int _earlierLength;
        private int _steps;

        private long Balance => _entries.Sum();

        public void Step()
        {
            _now += Some.Ms(random.Next(6) switch
            {
                0 or 1 or 2 => 0,
                3 => random.Next(1_000_000),
                4 => random.Next(5_000_000),
                _ => ToForgetting(),
            });
            var payment = $"p{random.Next(12)}";
            switch (random.Next(7))
            {
                case 0 or 1:
                    Charge();
                    break;
                case 2 or 3:
                    Debit(payment, random.Next(100));
                    break;
                case 4:
                    Void(payment);
                    break;
                case 5:
                    Refund(payment);
                    break;
                default:
                    Settle(payment);
                    break;
            }

            Compare();
            if (++_steps % 100 == 0)
            {
                CompareReplays();
            }
        }

        private long ToForgetting()
        {
            var over = _payments.Values
                .Where(payment => payment.Status != DebitStatus.Debited && payment.At + TimeSpan.FromHours(1) > _now);
            var first = over.Select(payment => payment.At).DefaultIfEmpty(_now).Min();
            return Math.Max(0, (first + TimeSpan.FromHours(1)).Milliseconds - _now.Milliseconds + random.Next(-1, 2));
        }

        private void Charge()
        {
            var amount = random.Pick(
                0, -1, 1, random.Next(200), Accounting.MaxCharge, Accounting.MaxCharge + 1, long.MinValue, long.MaxValue);
            var decision = Accounting.Charge(_wallet, amount, "e", _now);
            if (amount is < 1 or > 100_000_000)
            {
                Refuses(decision, WalletRefusal.InvalidAmount);
                Assert.Equal((amount, Accounting.MaxCharge), (decision.Refused!.With.Amount, decision.Refused.With.Limit));
                return;
            }

            Assert.Equal(new Charged(_now, "e", amount, Balance + amount), Assert.Single(decision.Events));
            _entries.Add(amount);
            Fold(decision.Events[0]);
        }

        private void Debit(string payment, long amount)
        {
            amount = random.Once(3) ? Balance + random.Next(-1, 2) : amount;
            if (amount < 0)
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => Accounting.Debit(_wallet, payment, amount, _now, "e", _now));
                return;
            }

            var startedAt = StartedAt();
            var decision = Accounting.Debit(_wallet, payment, amount, startedAt, "e", _now);
            Assert.Equal(decision.Events.ToArray(), Accounting.Debit(_wallet, payment, amount, startedAt, "e", _now).Events.ToArray());
            if (_refunds.ContainsKey(payment))
            {
                Refuses(decision, WalletRefusal.PaymentVoided);
                return;
            }

            switch (Known(payment)?.Status)
            {
                case DebitStatus.Debited or DebitStatus.Settled:
                    Assert.Equal((null, 0), (decision.Refused, decision.Events.Length));
                    break;
                case DebitStatus.Voided:
                    Refuses(decision, WalletRefusal.PaymentVoided);
                    break;
                case null when IsOver(startedAt):
                    Refuses(decision, WalletRefusal.PaymentVoided);
                    break;
                default:
                    if (amount > Balance)
                    {
                        Refuses(decision, WalletRefusal.InsufficientBalance);
                        Assert.Equal((Balance, amount), (decision.Refused!.With.Balance, decision.Refused.With.Amount));
                        break;
                    }

                    Assert.Equal(new Debited(_now, "e", payment, amount, Balance - amount), Assert.Single(decision.Events));
                    _entries.Add(-amount);
                    _payments[payment] = (DebitStatus.Debited, _now, amount);
                    Fold(decision.Events[0]);
                    Assert.Equal(new Debit(payment, DebitStatus.Debited, amount, Balance, _now), _wallet.Find(payment));
                    break;
            }
        }

        private void Void(string payment)
        {
            var startedAt = StartedAt();
            var events = Accounting.Void(_wallet, payment, startedAt, _now);
            if (Known(payment) is not null || IsOver(startedAt))
            {
                Assert.Empty(events);
                return;
            }

            Assert.Equal(new DebitVoided(_now, payment), Assert.Single(events));
            _payments[payment] = (DebitStatus.Voided, _now, 0);
            Fold(events[0]);
        }

        private Instant StartedAt() => _now - TimeSpan.FromMinutes(random.Pick(0, 58, 59, 61));

        private bool IsOver(Instant startedAt) => _now - startedAt >= TimeSpan.FromMinutes(59);

        private void Refund(string payment)
        {
            var amount = Known(payment)?.Amount ?? 5;
            var events = Accounting.Refund(_wallet, payment, amount, "e", _now);
            if (_refunds.ContainsKey(payment) || Known(payment)?.Status == DebitStatus.Voided)
            {
                Assert.Empty(events);
                return;
            }

            Assert.Equal(new Refunded(_now, "e", payment, amount, Balance + amount), Assert.Single(events));
            _entries.Add(amount);
            _refunds.Add(payment, _now);
            Fold(events[0]);
        }

        private void Settle(string payment)
        {
            var receipt = new Receipt(payment, "r", "s", "c", "u", [new("A-1-1", 5)], 5, 0, _now, true);
            var events = Accounting.Settle(_wallet, receipt, _now);
            if (Known(payment)?.Status != DebitStatus.Debited)
            {
                Assert.Empty(events);
                return;
            }

            Assert.Equal(new Receipted(_now, receipt), Assert.Single(events));
            _payments[payment] = (DebitStatus.Settled, _now, _payments[payment].Amount);
            Fold(events[0]);
        }

        /// <summary>What is over is forgotten at the first event an hour later; what is not is never forgotten.</summary>
        private (DebitStatus Status, Instant At, long Amount)? Known(string payment) =>
            _payments.TryGetValue(payment, out var known)
            && (known.Status == DebitStatus.Debited || _lastEvent - known.At < TimeSpan.FromHours(1))
                ? known
                : null;

        private static void Refuses(Decision<WalletEvent> decision, WalletRefusal reason)
        {
            Assert.Equal(reason, Assert.IsType<WalletRefused>(decision.Refused).Reason);
            Assert.Empty(decision.Events);
        }

        private void Fold(WalletEvent happened)
        {
            _journal.Add(happened);
            _wallet.Apply(happened);
            _lastEvent = _now;
        }

        private void Compare()
        {
            Assert.Equal(Balance, _wallet.Balance);
            Assert.True(_wallet.Balance >= 0);
            for (var index = 0; index < 12; index++)
            {
                Assert.Equal(Known($"p{index}")?.Status, _wallet.Find($"p{index}")?.Status);
                Assert.Equal(_refunds.TryGetValue($"p{index}", out var at) ? at : null, _wallet.RefundedAt($"p{index}"));
            }
        }

        private void CompareReplays()
        {
            var expected = Some.Json(_wallet.ToSnapshot());
            var replayed = new WalletState();
            _journal.ForEach(replayed.Apply);
            Assert.Equal(expected, Some.Json(replayed.ToSnapshot()));
            var resumed = WalletState.From(JsonSerializer.Deserialize<WalletSnapshot>(_earlier)!);
            _journal.Skip(_earlierLength).ToList().ForEach(resumed.Apply);
            Assert.Equal(expected, Some.Json(resumed.ToSnapshot()));
            (_earlier, _earlierLength) = (expected, _journal.Count);
        }
    }
}
