using System.Runtime.CompilerServices;

namespace Orleans.InProcess;

/// <summary>
/// The turns that wait for one owner. Any thread posts, without locks; one thread at a time takes, in the order of posting.
/// </summary>
internal struct Mailbox
{
    private static readonly Turn Idle = new IdleMark();

    // Idle: nobody takes. Null: somebody takes and nothing new came. Else the newest of the turns that came.
    private Turn? _newest = Idle;
    private Turn? _oldest;

    public Mailbox()
    {
    }

    /// <summary>Adds a turn; true where nobody is taking, so that the poster must see to it.</summary>
    internal bool Post(Turn turn)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _newest);
            turn.Next = ReferenceEquals(seen, Idle) ? null : seen;
            if (Interlocked.CompareExchange(ref _newest, turn, seen) == seen)
            {
                return ReferenceEquals(seen, Idle);
            }
        }
    }

    /// <summary>Takes the oldest turn, or nothing.</summary>
    internal Turn? Take()
    {
        var turn = _oldest ?? Fetch();
        if (turn is not null)
        {
            _oldest = turn.Next;
            turn.Next = null;
        }

        return turn;
    }

    /// <summary>Stops taking where nothing is left; false where something came meanwhile.</summary>
    internal bool TryIdle() =>
        _oldest is null && Interlocked.CompareExchange(ref _newest, Idle, null) is null;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Turn? Fetch()
    {
        var turn = Interlocked.Exchange(ref _newest, null);
        Turn? oldest = null;
        while (turn is not null)
        {
            var next = turn.Next;
            turn.Next = oldest;
            oldest = turn;
            turn = next;
        }

        return oldest;
    }

    private sealed class IdleMark : Turn
    {
        public override Label Label => new("idle");

        internal override void Run(Activation activation) => throw new InvalidOperationException("The idle mark is never taken.");
    }
}
