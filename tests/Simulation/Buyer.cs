using System.Security.Cryptography;
using System.Text;

namespace OrleansConcert.Simulation;

/// <summary>A user who queues, holds, pays and charges as the HTTP edge would for them, and never forgets what they were told.</summary>
internal sealed partial class Buyer(World world, string userId)
{
    private readonly Random _random = world.Random;
    private readonly List<Func<Task>> _keyed = [];
    private readonly HashSet<int> _reused = [];
    private readonly List<ReservationView> _held = [];
    private readonly Dictionary<string, SeatStatuses> _maps = new(StringComparer.Ordinal);
    private Instant _deadline;
    private int _number;
    private int _keys;

    public async Task Shop()
    {
        while (world.Begin())
        {
            _number++;
            await Once();
            await Pause();
        }
    }

    /// <summary>An answer given again, as text: what a client would compare.</summary>
    public static string Text(ReplayedAnswer answer) => $"{answer.Status} {Encoding.UTF8.GetString(answer.Body.AsSpan())}";

    private Task Once() => _random.Next(100) switch
    {
        < 10 => Charge(),
        < 16 => Repeat(),
        < 24 => Read(),
        _ when _token is null => Join(),
        < 33 => Look(),
        < 34 => Look(_replaced.Count > 0 ? _replaced[_random.Next(_replaced.Count)] : _token),
        < 36 => Leave(),
        < 38 => Task.WhenAll(Hold(), Leave()),
        < 42 => Join(),
        < 44 => Task.WhenAll(Hold(), Join()),
        < 64 => Hold(),
        < 70 => Confirm(),
        < 75 => Release(),
        _ => Pay(),
    };

    private async Task Pause()
    {
        var wait = _random.Next(20) switch
        {
            < 8 => TimeSpan.Zero,
            < 13 => TimeSpan.FromMilliseconds(_random.Next(50)),
            < 16 => TimeSpan.FromMilliseconds(_random.Next(3_000)),
            < 17 => TimeSpan.FromSeconds(_random.Next(40)),
            < 18 => TimeSpan.FromMinutes(_random.Next(3)),
            _ => TimeSpan.MinValue,
        };
        if (wait > TimeSpan.Zero)
        {
            await world.Delay(wait);
        }
        else if (wait < TimeSpan.Zero)
        {
            await UntilAbout(_deadline);
        }
    }

    /// <summary>Exactly then, or a millisecond before or after.</summary>
    private async Task UntilAbout(Instant deadline)
    {
        var wait = deadline - world.Now + TimeSpan.FromMilliseconds(_random.Next(-1, 2));
        if (wait > TimeSpan.Zero && wait < TimeSpan.FromMinutes(5))
        {
            await world.Delay(wait);
        }
    }

    private async Task Charge()
    {
        // Every charge has an amount of its own, so that one made twice is seen.
        var amount = (_random.Next(1, 60) * 1_000_000) + (int.Parse(userId.AsSpan(4), CultureInfo.InvariantCulture) * 10_000) + _number;
        await Keyed($"charge {amount}", (grains, repeat) => Wallet(grains).Charge(amount, repeat), view =>
            world.Claims.Add($"{view}", books => books.Charges.TryGetValue(view.EntryId, out var charged)
                && charged.Amount == amount && charged.Balance == view.Balance));
    }

    /// <summary>Asks again for something that was asked for under a key, whatever came of it.</summary>
    private Task Repeat() => _keyed.Count == 0 ? Charge() : _keyed[_random.Next(_keyed.Count)]();

    /// <summary>
    /// Asks, mostly under a key, perhaps twice at once; sometimes the answer is dropped on the way, though it was given.
    /// </summary>
    private async Task Keyed<TView>(
        string what, Func<IGrainFactory, Repeat?, Task<Answer<TView>>> call, Action<TView> acknowledged, Action<TView>? heard = null)
        where TView : class
    {
        if (_random.Next(4) == 0)
        {
            var told = await Ask(what, null, call);
            if (told?.Value is { } view)
            {
                acknowledged(view);
                heard?.Invoke(view);
            }

            return;
        }

        // Now and then a key that was used before, for something else: then it does nothing, and its answer is the first one's.
        var isReused = _keys > 0 && _random.Next(20) == 0;
        var (number, attempts, open) = (isReused ? _random.Next(1, _keys + 1) : ++_keys, 0, 0);
        if (isReused)
        {
            _reused.Add(number);
        }

        // Everybody counts from one: keys of different users meet and are not the same.
        var key = $"key-{number}";
        var repeat = new Repeat(userId, key, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key + what))));
        _keyed.Add(Once);
        await (_random.Next(8) == 0 ? Task.WhenAll(Once(), Once(), Read()) : Once());

        async Task Once()
        {
            var isFirst = ++attempts == 1 && !isReused;
            if ((isReused || _random.Next(2) == 0)
                && await world.Ask(userId, $"find {key}", async grains => new Found(await Answers(grains).Find(userId, key)))
                    is { Answer: { } found })
            {
                world.Break(world.Claims.Answered(repeat, Text(found)));
                return;
            }

            open++;
            var told = await Ask($"{what} under {key}", repeat, call);
            open--;
            if (told?.Value is { } view)
            {
                world.Break(world.Claims.Answered(repeat, $"{told.Status} {Encoding.UTF8.GetString(AnswerJson.Write(view))}"));
                acknowledged(view);
                if (_random.Next(5) > 0)
                {
                    heard?.Invoke(view);
                }
            }
            else if (told?.Replayed is { } replayed)
            {
                world.Break(world.Claims.Answered(repeat, Text(replayed)));
            }
            else if (told?.Refused is { } refused && isFirst && attempts == 1 && open == 0 && !_reused.Contains(number))
            {
                world.Break(world.Books.HasAnswer(userId, key) ? $"{key} was refused, {refused}, and has an answer" : null);
            }
        }
    }

    private async Task<Answer<TView>?> Ask<TView>(
        string what, Repeat? repeat, Func<IGrainFactory, Repeat?, Task<Answer<TView>>> call)
        where TView : class
    {
        var asked = world.Now;
        var told = await world.Ask(userId, what, grains => call(grains, repeat));
        Home?.Told(World.QueueId, userId);
        if (told?.Refused is { } refused)
        {
            ClaimRefusal(what, refused, asked);
        }

        return told;
    }

    /// <summary>What the host that this buyer talks to has of the boards; a new one with every start of the server.</summary>
    private Boards Home => world.Site.Boards[userId[^1] % Site.Hosts];

    private static IWaitingQueueGrain Queue(IGrainFactory grains) => grains.GetGrain<IWaitingQueueGrain>(World.QueueId);

    private static IAnswersGrain Answers(IGrainFactory grains) => grains.GetGrain<IAnswersGrain>(WireNames.Answers);

    private IWalletGrain Wallet(IGrainFactory grains) => grains.GetGrain<IWalletGrain>(userId);

    private sealed record Found(ReplayedAnswer? Answer);
}
