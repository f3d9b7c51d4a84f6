namespace OrleansConcert.Faults.Linearizability;

/// <summary>
/// The calls and returns of a history in the order of their instants, as a list from which an operation is taken and put back, the
/// last taken first. An open operation has no return. A call comes before a return of the same instant.
/// </summary>
internal sealed class Entries
{
    private readonly int[] _operations;
    private readonly bool[] _returns;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int[] _calls;
    private readonly int[] _ends;

    public Entries(IReadOnlyList<Operation> history)
    {
        var sorted = history.SelectMany((operation, number) => new[]
            {
                (At: operation.Call, IsReturn: false, Number: number),
                (At: operation.Return, IsReturn: true, Number: number),
            })
            .Where(entry => !(entry.IsReturn && history[entry.Number].IsOpen))
            .Order().ToList();
        var size = sorted.Count + 2;
        _operations = new int[size];
        _returns = new bool[size];
        _next = [.. Enumerable.Range(1, size)];
        _previous = [.. Enumerable.Range(-1, size)];
        _calls = new int[history.Count];
        _ends = new int[history.Count];
        for (var at = 1; at <= sorted.Count; at++)
        {
            var (_, isReturn, number) = sorted[at - 1];
            (_operations[at], _returns[at]) = (number, isReturn);
            (isReturn ? _ends : _calls)[number] = at;
        }
    }

    public int First => _next[0];

    public bool IsEnd(int at) => at == _next.Length - 1;

    public bool IsReturn(int at) => _returns[at];

    public int OperationAt(int at) => _operations[at];

    public int CallOf(int operation) => _calls[operation];

    public int After(int at) => _next[at];

    public void Take(int operation)
    {
        Unlink(_calls[operation]);
        Unlink(_ends[operation]);
    }

    public void PutBack(int operation)
    {
        Link(_ends[operation]);
        Link(_calls[operation]);
    }

    private void Unlink(int at)
    {
        // An open operation has no return: its 0 is the list's own head.
        if (at > 0)
        {
            _next[_previous[at]] = _next[at];
            _previous[_next[at]] = _previous[at];
        }
    }

    private void Link(int at)
    {
        if (at > 0)
        {
            _next[_previous[at]] = at;
            _previous[_next[at]] = at;
        }
    }
}
