namespace OrleansConcert.Faults.Linearizability;

/// <summary>
/// A history that was: clients of one true seat, each operation taking effect at an instant, seen from outside only between its call
/// and its return. It keeps books of its own, not those of <see cref="Seat"/>.
/// </summary>
internal sealed class GeneratedHistory
{
    private const int Skew = 5;
    private const int HoldTtl = 60;

    private readonly Random _random;
    private readonly List<Operation> _operations = [];
    private readonly PriorityQueue<Action<long>, (long At, int Order)> _agenda = new();
    private readonly int _length;
    private int _order;
    private int _reservations;

    private int _holder;
    private long _deadline;
    private bool _inPayment;
    private bool _sold;

    private GeneratedHistory(Random random)
    {
        _random = random;
        _length = random.Next(8, 45);
        for (var clients = random.Next(2, 7); clients > 0; clients--)
        {
            Think(0, []);
        }

        while (_agenda.TryDequeue(out var act, out var due) && _operations.Count < _length)
        {
            LapseBy(due.At);
            act(due.At);
        }
    }

    public static List<Operation> Of(int seed) => new GeneratedHistory(new Random(seed))._operations;

    private void LapseBy(long now)
    {
        if (_holder != 0 && !_sold && !_inPayment && _deadline <= now)
        {
            _holder = 0;
        }
    }

    /// <summary>A client that is free from an instant on makes its next call, of the kind that its reservations allow.</summary>
    private void Think(long from, List<int> mine)
    {
        var call = from + _random.Next(0, 25);
        var effect = call + Some();
        At(effect, now =>
        {
            var returns = now + Some();
            var reservation = mine.Count == 0 ? 0 : mine[_random.Next(mine.Count)];
            var isLost = _random.Next(20) == 0;
            switch (_random.Next(reservation == 0 ? 5 : 12))
            {
                case < 3:
                    Hold(call, now, returns, mine, isLost);
                    break;
                case < 5:
                    Look(call, returns);
                    Think(returns, mine);
                    break;
                case < 7:
                    Ask(call, returns, reservation);
                    Think(returns, mine);
                    break;
                case < 10:
                    GiveBack(call, returns, reservation, isLost);
                    Think(returns, mine);
                    break;
                default:
                    Pay(call, returns, reservation, mine, isLost);
                    break;
            }
        });
    }

    private void Hold(long call, long now, long returns, List<int> mine, bool isLost)
    {
        var happens = !isLost || _random.Next(2) == 0;
        if (!isLost && _holder != 0)
        {
            Note(new(call, returns, Act.SeeTaken, 0));
        }
        else
        {
            var reservation = ++_reservations;
            if (happens && _holder == 0)
            {
                (_holder, _deadline, _inPayment) = (reservation, now + HoldTtl, false);
            }

            var hold = Note(new(call, isLost ? Operation.Never : returns, Act.Hold, reservation));
            Note(isLost
                ? new(call + HoldTtl - Skew, Operation.Never, Act.Lapse, reservation) { After = hold }
                : new(now + HoldTtl - Skew, now + HoldTtl + Skew, Act.Lapse, reservation) { After = hold });
            if (!isLost)
            {
                mine.Add(reservation);
            }
        }

        Think(returns, mine);
    }

    private void Look(long call, long returns)
    {
        var seen = _holder == 0 ? Act.SeeFree : _random.Next(2) == 0 ? Act.SeeTaken : _sold ? Act.SeeSold : Act.SeeHeld;
        Note(new(call, returns, seen, 0));
    }

    private void Ask(long call, long returns, int reservation) =>
        Note(new(call, returns, _holder != reservation ? Act.SeeGone : _sold ? Act.SeeOwner : Act.SeeHolder, reservation));

    private void GiveBack(long call, long returns, int reservation, bool isLost)
    {
        if (isLost && _random.Next(2) == 0)
        {
            Note(new(call, Operation.Never, Act.Release, reservation));
            return;
        }

        if (_holder == reservation && (_sold || _inPayment))
        {
            Note(new(call, returns, _sold ? Act.SeeOwner : Act.SeeHolder, reservation));
            return;
        }

        _holder = _holder == reservation ? 0 : _holder;
        Note(new(call, isLost ? Operation.Never : returns, Act.Release, reservation));
    }

    private void Pay(long call, long returns, int reservation, List<int> mine, bool isLost)
    {
        if (_holder != reservation || _sold || _inPayment)
        {
            Ask(call, returns, reservation);
            Think(returns, mine);
            return;
        }

        _inPayment = true;
        var ends = returns + Some();
        var succeeds = _random.Next(3) > 0;
        At(ends, now =>
        {
            _inPayment = false;
            _sold = succeeds;
            LapseBy(now);
        });
        var told = isLost ? Operation.Never : ends + Some();
        var pay = Note(new(call, told, Act.Pay, reservation));
        if (isLost || succeeds)
        {
            Note(new(call, told, Act.Sell, reservation) { After = pay });
        }

        if (isLost || !succeeds)
        {
            Note(new(call, told, Act.Abort, reservation) { After = pay });
        }

        Think(isLost ? ends : told, mine);
    }

    private int Some() => _random.Next(0, 12);

    private void At(long at, Action<long> act) => _agenda.Enqueue(act, (at, ++_order));

    private Operation Note(Operation operation)
    {
        _operations.Add(operation);
        return operation;
    }
}
