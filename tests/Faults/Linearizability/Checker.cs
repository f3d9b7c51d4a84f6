using System.Collections;

namespace OrleansConcert.Faults.Linearizability;

/// <summary>
/// Whether the operations of one seat can be put into an order in which each was possible, and which no clock contradicts: one that
/// had returned before another was called comes first. The search is that of Wing and Gong with Lowe's memory of what was tried.
/// </summary>
/// <remarks>
/// An open operation, whose outcome nobody was told, may stand at any place after its call, or at none.
/// </remarks>
internal static class Checker
{
    /// <summary>More steps than this and the history is given up: it is no verdict, and the caller must say so.</summary>
    private const int StepsMax = 20_000_000;

    /// <exception cref="InvalidOperationException">The search took too long.</exception>
    public static bool IsLinearizable(IReadOnlyList<Operation> history)
    {
        var entries = new Entries(history);
        var done = new BitArray(history.Count);
        var tried = new HashSet<(Key, Seat)>();
        var path = new Stack<(int Operation, Seat Before)>();
        var numbers = history.Select((operation, number) => (operation, number))
            .ToDictionary(each => each.operation, each => each.number, ReferenceEqualityComparer.Instance as IEqualityComparer<Operation>);
        var seat = Seat.Free;
        var told = history.Count(operation => !operation.IsOpen);
        var steps = 0;
        for (var at = entries.First; told > 0;)
        {
            if (++steps > StepsMax)
            {
                throw new InvalidOperationException($"A history of {history.Count} operations was not judged in {StepsMax} steps.");
            }

            if (!entries.IsEnd(at) && !entries.IsReturn(at))
            {
                var number = entries.OperationAt(at);
                if (Next(history[number]) is { } after)
                {
                    done[number] = true;
                    if (tried.Add((new Key(done), after)))
                    {
                        path.Push((number, seat));
                        (seat, told) = (after, told - (history[number].IsOpen ? 0 : 1));
                        entries.Take(number);
                        at = entries.First;
                        continue;
                    }

                    done[number] = false;
                }

                at = entries.After(at);
                continue;
            }

            // What returned here cannot have been later: the last choice was wrong. It was not a look's, which changes nothing: where
            // a look was possible, an order with it elsewhere is as good with it there.
            int last;
            do
            {
                if (!path.TryPop(out var choice))
                {
                    return false;
                }

                (last, seat) = choice;
                done[last] = false;
                told += history[last].IsOpen ? 0 : 1;
                entries.PutBack(last);
            }
            while (history[last].IsLook);

            at = entries.After(entries.CallOf(last));
        }

        return true;

        Seat? Next(Operation operation)
        {
            var isDue = operation.After is not { } first || done[numbers[first]];
            var after = isDue ? seat.After(operation.Act, operation.Holder) : null;

            // That something open happened without effect says nothing that its not happening does not.
            return operation.IsOpen && after == seat ? null : after;
        }
    }

    /// <summary>A set of operations, as a value.</summary>
    private readonly struct Key(BitArray bits) : IEquatable<Key>
    {
        private readonly int[] _words = Words(bits);

        public bool Equals(Key other) => _words.AsSpan().SequenceEqual(other._words);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_words.AsSpan()));
            return hash.ToHashCode();
        }

        private static int[] Words(BitArray bits)
        {
            var words = new int[(bits.Length + 31) / 32];
            bits.CopyTo(words, 0);
            return words;
        }
    }
}
