namespace OrleansConcert.Faults.Repeats;

/// <summary>
/// One request under one key, sent several times: at once, later, after the next start. However often, it has one first answer, and
/// every answer is that one.
/// </summary>
internal sealed class Keyed(Request request, Findings findings)
{
    private readonly Lock _gate = new();
    private Reply? _answer;
    private bool _hadFirst;

    public Request Request => request;

    /// <summary>The answer, once there is one.</summary>
    public Reply? Answer
    {
        get
        {
            lock (_gate)
            {
                return _answer;
            }
        }
    }

    /// <summary>How often it will be sent again.</summary>
    public int Left { get; set; }

    /// <summary>From which start of the server on.</summary>
    public int NotBefore { get; set; }

    /// <summary>Sends it once; sometimes the client does not stay for the answer.</summary>
    /// <returns>The answer, null where none came.</returns>
    public async Task<Reply?> Send(Site site, Random random, bool mayDrop)
    {
        var client = await site.Client;
        using var gone = mayDrop ? new CancellationTokenSource(TimeSpan.FromMicroseconds(random.Next(100, 8_000))) : null;
        var quoted = random.Next(2) == 0 ? $"\"{request.Key}\"" : request.Key;
        var wasAnswered = Answer is not null;
        var reply = await client.Send(request with { Key = quoted }, gone?.Token ?? default);
        if (reply is not null)
        {
            Judge(reply, wasAnswered);
        }

        return reply;
    }

    /// <summary>The same key with something else: refused, once it has an answer.</summary>
    public async Task Misuse(Site site, Request other)
    {
        var reply = await site.Ask(other);
        findings.Unless(
            reply is { Status: 422, Code: "IDEMPOTENCY_KEY_REUSED" }, $"{request} was done, and {other} is answered {reply}");
    }

    private void Judge(Reply reply, bool wasAnswered)
    {
        if (!reply.IsSuccess)
        {
            findings.Unless(
                reply.IsOpen && !(wasAnswered && reply.Code == "PAYMENT_IN_PROGRESS"),
                $"{request} {(wasAnswered ? "was answered" : "was not answered yet")}, and is refused: {reply}");
            return;
        }

        lock (_gate)
        {
            var first = _answer ??= reply;
            findings.Unless(
                reply.Status == first.Status && reply.Type == first.Type && reply.Bytes.AsSpan().SequenceEqual(first.Bytes),
                $"{request} was answered {first} ({first.Type}), and then {reply} ({reply.Type})");
            findings.Unless(reply.Replayed || !_hadFirst, $"{request} was done twice: {reply}");
            _hadFirst |= !reply.Replayed;
        }
    }
}
