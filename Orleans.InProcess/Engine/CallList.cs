namespace Orleans.InProcess;

/// <summary>Calls in order, linked through themselves: adding and removing cost the same however many there are.</summary>
internal struct CallList
{
    private Call? _last;

    internal Call? First { get; private set; }

    internal int Count { get; private set; }

    /// <summary>The call after another of the same list.</summary>
    internal static Call? After(Call call) => (Call?)call.Next;

    internal void Add(Call call)
    {
        call.Previous = _last;
        call.Next = null;
        if (_last is null)
        {
            First = call;
        }
        else
        {
            _last.Next = call;
        }

        _last = call;
        Count++;
    }

    internal void Remove(Call call)
    {
        var after = After(call);
        if (call.Previous is null)
        {
            First = after;
        }
        else
        {
            call.Previous.Next = after;
        }

        if (after is null)
        {
            _last = call.Previous;
        }
        else
        {
            after.Previous = call.Previous;
        }

        call.Previous = null;
        call.Next = null;
        Count--;
    }
}
