namespace OrleansConcert.Domain.Queues;

/// <summary>What a host's copy of a board has to say of a token.</summary>
public enum BoardRead
{
    /// <summary>Where it stands.</summary>
    Shown,

    /// <summary>Nothing that is sure: the queue itself has to be asked.</summary>
    AskQueue,

    /// <summary>Nothing before the copy is pulled anew.</summary>
    Pull,
}

/// <summary>
/// A host's copy of a queue's board: when it may answer for the queue, and whom it has answered. Every host has it alike; who pulls it
/// begins, folds what comes until there is no more to ask for, and then completes or fails. Calls may come from many threads.
/// </summary>
/// <remarks>
/// What one host shows of one token never goes back: a user whom the queue itself has answered through this host is left to it until a
/// pull that was begun after that answer.
/// </remarks>
/// <param name="host">Names the host for as long as its process lasts.</param>
public sealed class BoardCopy(string host)
{
    /// <summary>So long after its pull was begun it answers without another.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromMilliseconds(150);

    /// <summary>It never answers when it is older than this.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    /// <summary>So long after a pull was begun the host hands over whom it has answered, should nobody make it pull before.</summary>
    public static readonly TimeSpan HandOverAfter = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly TicketSet _seen = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly HashSet<string> _toldBefore = new(StringComparer.Ordinal);
    private TicketSet _doubtful = new();
    private QueueBoard _board = new();
    private QueueBoard? _loading;
    private Pull? _pulling;
    private Pull? _pulled;
    private Instant _lastShownAt;
    private long _number;
    private long _staleThrough;

    /// <summary>When the host has to hand over whom it answers; null where it answers nobody.</summary>
    public Instant? HandsOverAt
    {
        get
        {
            lock (_lock)
            {
                return _pulled is { IsLast: false, BegunAt: var begun } ? begun + HandOverAfter : null;
            }
        }
    }

    /// <summary>Where a token stands, from the copy. What it shows counts as seen, and is handed over with the next pull.</summary>
    /// <param name="isPulled">Whether the caller has waited for a pull: then it gets what that brought.</param>
    public BoardRead Read(long ticket, uint nonce, string userId, Instant now, bool isPulled, out Standing standing)
    {
        lock (_lock)
        {
            standing = default;
            if (_pulled is not { IsLast: false } pulled || _pulling is { IsLast: true }
                || now - pulled.BegunAt > (isPulled ? MaxAge : FreshFor)
                || (!isPulled && pulled.Number <= _staleThrough))
            {
                return BoardRead.Pull;
            }

            if (_board.Policy is not { } policy || _told.Contains(userId) || _toldBefore.Contains(userId)
                || _doubtful.Contains(ticket) || !_board.TryFind(ticket, nonce, now, out var place) || place.ExpiresAt <= now)
            {
                return BoardRead.AskQueue;
            }

            _seen.Add(ticket);
            _lastShownAt = now;
            standing = new(place, _board.Openness, policy.WalletGate, policy.BrowseGate);
            return BoardRead.Shown;
        }
    }

    /// <summary>The queue itself has answered that user through this host.</summary>
    public void Told(string userId, Instant now)
    {
        lock (_lock)
        {
            // A copy that is too old by now is pulled before it answers anybody.
            if (_pulling is not null || (_pulled is { } pulled && now - pulled.BegunAt <= MaxAge))
            {
                _told.Add(userId);
            }
        }
    }

    /// <summary>The queue has changed through this host: who asks from now on is to see that.</summary>
    public void Changed()
    {
        lock (_lock)
        {
            _staleThrough = _number;
        }
    }

    /// <summary>Whether the pull under way is new enough for who asks now.</summary>
    public bool IsPullingFor(Instant now)
    {
        lock (_lock)
        {
            return _pulling is { IsLast: false } pulling && pulling.Number > _staleThrough && now - pulling.BegunAt <= FreshFor;
        }
    }

    /// <summary>Begins a pull; one at a time.</summary>
    /// <param name="isLast">Whether it is only to hand over: nobody is answered from what it brings.</param>
    public BoardAsk Begin(Instant now, bool isLast)
    {
        lock (_lock)
        {
            _toldBefore.UnionWith(_told);
            _told.Clear();
            _pulling = new(++_number, now, isLast) { Seen = _seen.Take() };
            var seenAt = _pulled is { } pulled ? pulled.At + (_lastShownAt - pulled.BegunAt) : Instant.Epoch;
            var through = _pulled is { IsLast: false } ? _pulled.At : Instant.Never;
            return new(_board.Version, null, new(host, _number, seenAt, through, _pulling.Seen, isLast));
        }
    }

    /// <summary>Takes what an ask brought; the next ask, or null where that was all.</summary>
    public BoardAsk? Fold(BoardAsk ask, BoardNews news)
    {
        lock (_lock)
        {
            if (ask.HandOver is not null)
            {
                _pulling!.At = news.At;
                _pulling.Doubtful.Add(news.Doubtful);
            }

            _loading = news.Whole is null ? _loading : QueueBoard.Of(news.Whole);
            var board = _loading ?? _board;
            foreach (var block in news.Places)
            {
                board.Lay(block);
            }

            var version = ask.Version;
            foreach (var happened in news.Events)
            {
                board.Apply(happened, ++version);
            }

            return !news.IsMore ? null : new(board.Version, NextPlaces(news), null);
        }
    }

    /// <summary>All of it has come.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            (_board, _doubtful) = (_loading ?? _board, _pulling!.Doubtful);
            (_pulled, _pulling, _loading) = (_pulling, null, null);
            _toldBefore.Clear();
        }
    }

    /// <summary>It has not come. Whether the queue got what was handed over nobody knows: it is handed over again.</summary>
    public void Fail()
    {
        lock (_lock)
        {
            _seen.Add(_pulling!.Seen);
            (_pulling, _loading) = (null, null);
        }
    }

    private static long? NextPlaces(BoardNews news) => news switch
    {
        { Whole: { } whole } => TicketSet.BlockOf(whole.Waiting[0].First),
        { Places: [.., var last] } => last.Number + 1,
        _ => null,
    };

    private sealed record Pull(long Number, Instant BegunAt, bool IsLast)
    {
        public required ImmutableArray<TicketBlock> Seen { get; init; }

        /// <summary>When it was answered, by the queue's clock.</summary>
        public Instant At { get; set; }

        public TicketSet Doubtful { get; } = new();
    }
}

/// <summary>Where a token stands, and what its queue lets it do.</summary>
public readonly record struct Standing(Place Place, QueueOpenness Openness, WalletGate WalletGate, BrowseGate BrowseGate);
