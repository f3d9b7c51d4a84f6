using System.Collections;
using System.Runtime.InteropServices;

namespace OrleansConcert.Faults.Linearizability;

/// <summary>
/// Whether the operations of one seat can be put into an order in which each was possible, and which no clock contradicts: one that
/// had returned before another was called comes first. The search is that of Wing and Gong with Lowe's memory of what was tried.
/// </summary>
/// <remarks>
/// An open operation, whose outcome nobody was told, may stand at any place after its call, or at none.
/// </remarks>
internal sealed class Checker
{
    /// <summary>More steps than this and the history is given up: it is no verdict, and the caller must say so.</summary>
    private const int StepsMax = 20_000_000;

    private readonly IReadOnlyList<Operation> _history;
    private readonly Entries _entries;
    private readonly int[] _after;
    private readonly BitArray _done;
    private readonly HashSet<(Key, Seat)> _tried = [];
    private readonly Stack<(int Operation, Seat Before)> _path = new();
    private Seat _seat = Seat.Free;
    private int _told;

    private Checker(IReadOnlyList<Operation> history)
    {
        _history = history;
        _entries = new(history);
        _done = new(history.Count);
        _told = history.Count(operation => !operation.IsOpen);
        var numbers = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        for (var number = 0; number < history.Count; number++)
        {
            numbers[history[number]] = number;
        }

        _after = [.. history.Select(operation => operation.After is { } first ? numbers[first] : -1)];
    }

    /// <exception cref="InvalidOperationException">The search took too long.</exception>
    public static bool IsLinearizable(IReadOnlyList<Operation> history) => new Checker(history).FindsAnOrder();

    private bool FindsAnOrder()
    {
        var at = _entries.First;
        for (var steps = 0; _told > 0; steps++)
        {
            if (steps > StepsMax)
            {
                throw new InvalidOperationException($"A history of {_history.Count} operations was not judged in {StepsMax} steps.");
            }

            if (!_entries.IsEnd(at) && !_entries.IsReturn(at))
            {
                at = Choose(_entries.OperationAt(at)) ? _entries.First : _entries.After(at);
            }
            else if (TakeBack() is { } choice)
            {
                // What returned here cannot have been later: the last choice was wrong.
                at = _entries.After(_entries.CallOf(choice));
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Puts an operation next, where it is possible and that was not tried before.</summary>
    private bool Choose(int number)
    {
        if (Next(number) is not { } after)
        {
            return false;
        }

        _done[number] = true;
        if (!_tried.Add((new Key(_done), after)))
        {
            _done[number] = false;
            return false;
        }

        _path.Push((number, _seat));
        _seat = after;
        _told -= _history[number].IsOpen ? 0 : 1;
        _entries.Take(number);
        return true;
    }

    /// <summary>Takes the last choice back that can have been the wrong one; null where there is none.</summary>
    /// <remarks>A look cannot: it changes nothing, and where it was possible an order with it elsewhere is as good with it there.</remarks>
    private int? TakeBack()
    {
        while (_path.TryPop(out var choice))
        {
            (var number, _seat) = choice;
            _done[number] = false;
            _told += _history[number].IsOpen ? 0 : 1;
            _entries.PutBack(number);
            if (!_history[number].IsLook)
            {
                return number;
            }
        }

        return null;
    }

    /// <summary>The seat after an operation, put next; null where it is not possible.</summary>
    private Seat? Next(int number)
    {
        var operation = _history[number];
        var isDue = _after[number] < 0 || _done[_after[number]];
        var after = isDue ? _seat.After(operation.Act, operation.Holder) : null;

        // That something open happened without effect says nothing that its not happening does not.
        return operation.IsOpen && after == _seat ? null : after;
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
            hash.AddBytes(MemoryMarshal.AsBytes(_words.AsSpan()));
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
