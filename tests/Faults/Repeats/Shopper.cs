using System.Text.Json;

namespace OrleansConcert.Faults.Repeats;

/// <summary>
/// Somebody who makes every keyed call there is, each under a key, and in the end has exactly what one call of each gives. All
/// shoppers use the same keys: they are told apart by who they are.
/// </summary>
internal sealed class Shopper(int number, Crowd crowd, Random random)
{
    public const string Queue = "main";
    public const string Schedule = "show-1";
    public const string Concert = "show";
    public const int Price = 1_000;

    private readonly string _userId = $"user-{number}";
    private readonly List<long> _charges = [];
    private readonly Dictionary<string, string> _reservations = [];
    private string _access = "";
    private string _date = "";
    private int _keys;

    /// <summary>All that was put into the wallet.</summary>
    public long Charged => _charges.Sum();

    /// <summary>How many concerts, each with a schedule, this one made as an operator.</summary>
    public int Concerts { get; private set; }

    public async Task Shop(string date)
    {
        _date = date;
        var body = $$"""{"userId":"{{_userId}}"}""";
        _access = (await crowd.Site.Ask(new(HttpMethod.Post, "/v1/access-tokens") { Body = body })).Json.Text("accessToken");
        await Charge();
        var token = await Join();
        var first = await Hold($"/v1/schedules/{Schedule}/holds", """{"bestAvailable":{"count":1}}""", token);
        await Do($"/v1/reservations/{first.Text("reservationId")}/confirm", null, token);
        var second = await Hold($"/v1/concerts/{Concert}/holds", $$$"""{"date":"{{{_date}}}","bestAvailable":{"count":2}}""", token);
        var paid = await Do("/v1/payments", $$"""{"reservationId":"{{first.Text("reservationId")}}"}""", token);
        _reservations[second.Text("reservationId")] = "CANCELLED";
        await Charge();
        token = await Join();
        var third = await Hold($"/v1/schedules/{Schedule}/holds", """{"bestAvailable":{"count":1}}""", token);
        var seats = JsonSerializer.Serialize(new { scheduleId = Schedule, seats = third.Seats() });
        await Do("/v1/payments", seats, token);
        _reservations[third.Text("reservationId")] = "PAID";
        await Operate($"/v1/admin/payments/{paid.Text("paymentId")}/refund", """{"why":"The customer asked for it."}""");
        _reservations[first.Text("reservationId")] = "REFUNDED";
        await Administer();
    }

    /// <summary>Looks at everything that this shopper has.</summary>
    public async Task Inspect()
    {
        const string Wallet = "/v1/users/me/wallet";
        var balance = (await crowd.Site.Get(Wallet, _access)).Number("balance");
        var entries = (await crowd.Site.Get($"{Wallet}/entries?limit=100", _access)).GetProperty("entries").EnumerateArray()
            .Select(entry => (entry.Text("kind"), entry.Number("amount"))).Order();
        var expected = _charges.Select(amount => ("CHARGE", amount))
            .Append(("PAYMENT", -Price)).Append(("PAYMENT", -Price)).Append(("REFUND", Price)).Order();
        crowd.Findings.Unless(
            balance == Charged - Price && entries.SequenceEqual(expected),
            $"{_userId} has {balance} by {string.Join(' ', entries)}, and should by {string.Join(' ', expected)}");

        var reservations = (await crowd.Site.Get("/v1/users/me/reservations?limit=100&includeExpired=true", _access))
            .GetProperty("reservations").EnumerateArray().ToDictionary(one => one.Text("reservationId"), one => one.Text("status"));
        crowd.Findings.Unless(
            reservations.Count == _reservations.Count && _reservations.All(one => reservations.GetValueOrDefault(one.Key) == one.Value),
            $"{_userId} has {string.Join(' ', reservations)}, and should {string.Join(' ', _reservations)}");
        var payments = (await crowd.Site.Get("/v1/users/me/payments?limit=100", _access)).GetProperty("payments");
        crowd.Findings.Unless(payments.GetArrayLength() == 2, $"{_userId} has {payments.GetArrayLength()} payments, not 2");
    }

    private async Task Charge()
    {
        _charges.Add(random.Next(5_000, 500_000));
        await Do("/v1/users/me/wallet/charges", $$"""{"amount":{{_charges[^1]}}}""");
    }

    private async Task<string> Join() => (await Do("/v1/queue-tokens", $$"""{"queueId":"{{Queue}}"}""")).Text("token");

    private async Task<JsonElement> Hold(string path, string body, string token) => await Do(path, body, token);

    /// <summary>What an operator does; every tenth makes a concert and steers its queue, too.</summary>
    private async Task Administer()
    {
        await Operate("/v1/admin/users", $$"""{"userId":"reg-{{number}}"}""");
        if (number % 10 != 0)
        {
            return;
        }

        var queue = $"queue-{number}";
        await crowd.Site.Ask(new(HttpMethod.Put, $"/v1/admin/queues/{queue}") { Access = crowd.Admin, Body = "{}" });
        await Operate("/v1/admin/concerts", $$"""{"concertId":"c-{{number}}","title":"T","queueId":"{{queue}}"}""");
        await Operate($"/v1/admin/concerts/c-{number}/schedules", Opening.ScheduleBody($"s-{number}", rows: 1));
        Concerts++;
        foreach (var (verb, state) in new[] { ("pause", "PAUSED"), ("resume", "OPEN"), ("drain", "DRAINING") })
        {
            var told = (await Operate($"/v1/admin/queues/{queue}/{verb}", null)).Text("state");
            crowd.Findings.Unless(told == state, $"{queue} is {told} after {verb}");
        }

        var shown = (await crowd.Site.Get($"/v1/admin/queues/{queue}", crowd.Admin)).Text("state");
        crowd.Findings.Unless(shown == "DRAINING", $"{queue} is {shown}, and was last drained");
    }

    private Task<JsonElement> Do(string path, string? body, string? token = null) =>
        Send(new(HttpMethod.Post, path) { Body = body, Access = _access, Queue = token, Key = Name(++_keys) });

    /// <summary>The operator is one user, so these keys are all different.</summary>
    private Task<JsonElement> Operate(string path, string? body) =>
        Send(new(HttpMethod.Post, path) { Body = body, Access = crowd.Admin, Key = $"{_userId}-{++_keys}" });

    private async Task<JsonElement> Send(Request request) => (await crowd.Do(request, random)).Json;

    /// <summary>Every length and every character that a key may have, the same for all.</summary>
    private static string Name(int key) => key == 1 ? "!" : string.Concat(
        Enumerable.Range(0, Math.Min(255, key * 30)).Select(at => (char)('#' + ((at + key) % ('~' - '#' + 1)))));
}
