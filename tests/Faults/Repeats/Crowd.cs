using System.Collections.Concurrent;

namespace OrleansConcert.Faults.Repeats;

/// <summary>What all shoppers share: the site, the operator, and everything that is to be sent again.</summary>
internal sealed class Crowd(Site site, Findings findings)
{
    private const int MostSends = 10;
    private const string OtherPath = "/v1/queue-tokens";
    private const string Charges = "/v1/users/me/wallet/charges";

    private readonly ConcurrentQueue<Keyed> _later = [];
    private int _keys;
    private long _sends;
    private long _answersInProgress;
    private volatile bool _isClosing;

    public Site Site => site;

    public Findings Findings => findings;

    public string Admin { get; set; } = "";

    /// <summary>Keys that have an answer.</summary>
    public int Keys => Volatile.Read(ref _keys);

    public long Sends => Volatile.Read(ref _sends);

    /// <summary>How often a key was in use already.</summary>
    public long AnswersInProgress => Volatile.Read(ref _answersInProgress);

    /// <summary>
    /// Does one request under its key: some at once until there is an answer, the others later. The key may have been refused
    /// before, and may be misused after.
    /// </summary>
    public async Task<Reply> Do(Request request, Random random)
    {
        if (random.Next(8) == 0)
        {
            var refused = await site.Ask(request with { Body = "{" });
            findings.Unless(refused.Code == "MALFORMED_REQUEST", $"{request} without an end is answered {refused}");
        }

        var keyed = new Keyed(request, findings);
        var sends = random.Next(1, MostSends + 1);
        var atOnce = random.Next(1, sends + 1);
        keyed.Left = sends - atOnce;
        var seeds = Enumerable.Range(0, atOnce).Select(_ => random.Next()).ToList();
        await Task.WhenAll(seeds.Select(seed => Send(keyed, new Random(seed))));
        while (keyed.Answer is null && !findings.Any)
        {
            await Send(keyed, random);
            await Task.Delay(random.Next(1, 20));
        }

        Interlocked.Increment(ref _keys);
        if (random.Next(8) == 0)
        {
            await keyed.Misuse(site, request with { Body = $"{request.Body} " });
            await keyed.Misuse(site, request with { Path = request.Path == OtherPath ? Charges : OtherPath });
        }

        keyed.NotBefore = site.Generation + random.Next(2);
        _later.Enqueue(keyed);
        return keyed.Answer ?? throw new InvalidOperationException($"{request} was never answered.");
    }

    /// <summary>Sends again what is left, in any order, until all is sent and nothing more will come.</summary>
    public async Task Echo(Random random)
    {
        while (!findings.Any)
        {
            if (!_later.TryDequeue(out var keyed))
            {
                if (_isClosing)
                {
                    return;
                }

                await Task.Delay(1);
            }
            else if (keyed.NotBefore > site.Generation && !_isClosing)
            {
                _later.Enqueue(keyed);
                await Task.Delay(1);
            }
            else if (keyed.Left > 0)
            {
                keyed.Left--;
                await Send(keyed, random);
                _later.Enqueue(keyed);
            }
        }
    }

    /// <summary>Nothing new comes: what is left may be sent now.</summary>
    public void Close() => _isClosing = true;

    private async Task Send(Keyed keyed, Random random)
    {
        Interlocked.Increment(ref _sends);
        var reply = await keyed.Send(site, random, mayDrop: random.Next(8) == 0);
        if (reply is { Code: "IDEMPOTENCY_IN_PROGRESS" })
        {
            Interlocked.Increment(ref _answersInProgress);
        }
    }
}
