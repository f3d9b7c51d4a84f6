namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>What there is in the server under attack: the ids and credentials that hostile requests use, rightly and wrongly.</summary>
internal sealed class Known
{
    private const int MostOfAKind = 48;

    private readonly Lock _gate = new();
    private readonly Dictionary<Kind, List<string>> _names = [];
    private readonly List<Visitor> _visitors = [];

    public required Visitor Admin { get; set; }

    /// <summary>Another one of a kind; the oldest makes room.</summary>
    public void Add(Kind kind, string? name)
    {
        lock (_gate)
        {
            if (!_names.TryGetValue(kind, out var names))
            {
                _names[kind] = names = [];
            }

            if (name is null || names.Contains(name))
            {
                return;
            }

            names.Add(name);
            if (names.Count > MostOfAKind)
            {
                names.RemoveAt(0);
            }
        }
    }

    /// <summary>Somebody with an access token and a place in a queue, whatever became of it.</summary>
    public void Add(Visitor visitor)
    {
        lock (_gate)
        {
            _visitors.Add(visitor);
            if (_visitors.Count > MostOfAKind)
            {
                _visitors.RemoveAt(0);
            }
        }
    }

    /// <summary>A new place of somebody who may be known.</summary>
    public void Add(string userId, string token)
    {
        lock (_gate)
        {
            if (_visitors.FindLastIndex(visitor => visitor.UserId == userId) is >= 0 and var index)
            {
                _visitors[index] = _visitors[index] with { Token = token };
            }
        }
    }

    public string Any(Kind kind, Random random)
    {
        lock (_gate)
        {
            return _names.TryGetValue(kind, out var names) && names.Count > 0 ? names[random.Next(names.Count)] : "none";
        }
    }

    public Visitor AnyVisitor(Random random)
    {
        lock (_gate)
        {
            return _visitors[random.Next(_visitors.Count)];
        }
    }

    /// <summary>Takes up what an answer tells of.</summary>
    public void Learn(JsonElement answer)
    {
        foreach (var (member, kind) in new[]
        {
            ("reservationId", Kind.ReservationId), ("paymentId", Kind.PaymentId), ("nextCursor", Kind.Cursor), ("queueId", Kind.QueueId),
        })
        {
            if (answer.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String)
            {
                Add(kind, value.GetString());
            }
        }
    }
}
