using OrleansConcert.Grains.Journal;
using OrleansConcert.Grains.Tests;

namespace OrleansConcert.Flows;

/// <summary>
/// What the walks have in common: queues on the preset of the document, people with tokens in every state, and the store that fails.
/// Each walk has a queue, a concert and users of its own.
/// </summary>
/// <param name="preset">The preset that the document is walked on.</param>
/// <param name="every">How long an interval of admission is.</param>
/// <param name="room">How many get in at once when a queue has just been made.</param>
public abstract class Flow(Theatre theatre, string preset, TimeSpan every, int room) : IClassFixture<Theatre>
{
    protected const string Wallet = "/v1/users/me/wallet";
    protected const string Charges = Wallet + "/charges";
    protected const string Me = "/v1/queue-tokens/me";

    protected Server Server => theatre.Server;

    internal HeldJournal Journal => theatre.Journal;

    protected static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    protected static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    protected void Pass(TimeSpan time) => Server.Time.Advance(time);

    /// <summary>A queue of its own on the preset of the document.</summary>
    protected Task<string> Queue() => Server.Queue($$"""{"preset":"{{preset}}"}""");

    /// <summary>A concert behind a queue of its own, with one schedule of 12 seats at 1,000 each unless told otherwise.</summary>
    protected async Task<Sale> Sale(string sections = Casting.OneSection, string times = "") =>
        await Server.Sale(queueId: await Queue(), sections: sections, times: times);

    /// <summary>A user who has just joined, whatever became of it.</summary>
    protected Task<Visitor> Joined(string queueId, Visitor? visitor = null) => Server.Joins(queueId, visitor);

    /// <summary>Somebody whose turn has not come.</summary>
    protected async Task<Visitor> Waiting(string queueId)
    {
        await Crowd(queueId, room);
        var visitor = await Joined(queueId);
        Assert.Equal("WAITING", (await Poll(visitor)).Text("status"));
        return visitor;
    }

    /// <summary>Somebody whose turn has come; where nobody gets in at once, at the next interval.</summary>
    protected async Task<Visitor> Active(string queueId, Visitor? visitor = null)
    {
        visitor = await Joined(queueId, visitor);
        if ((await Poll(visitor)).Text("status") == "WAITING")
        {
            Pass(every);
            await Becomes("ACTIVE", visitor);
        }

        return visitor;
    }

    /// <summary>Somebody whose turn has come, with money.</summary>
    protected async Task<Visitor> Buyer(Sale sale, long balance = 100_000)
    {
        var buyer = await Active(sale.QueueId);
        (await Charge(buyer, balance)).Is(HttpStatusCode.Created);
        return buyer;
    }

    /// <summary>Somebody who has left the queue.</summary>
    protected async Task<Visitor> Left(string queueId)
    {
        var visitor = await Joined(queueId);
        (await Server.Send("DELETE", Me, visitor)).Is(HttpStatusCode.NoContent);
        return visitor;
    }

    /// <summary>Somebody whose time as an ACTIVE one is over.</summary>
    protected async Task<Visitor> Expired(string queueId)
    {
        var visitor = await Active(queueId);
        Pass((await Poll(visitor))["expiresAt"].GetDateTimeOffset() - Server.Now);
        return visitor;
    }

    /// <summary>So many users who have just joined, in any order.</summary>
    protected async Task<Visitor[]> Crowd(string queueId, int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Joined(queueId)));

    protected Task<Got> Join(string queueId, Visitor visitor) =>
        Server.Post("/v1/queue-tokens", visitor.OnlyAccess, $$"""{"queueId":"{{queueId}}"}""");

    protected Task<Got> Poll(Visitor visitor) => Server.Get(Me, visitor);

    protected Task<Got> Dates(Sale sale, Visitor? visitor) => Server.Get($"/v1/concerts/{sale.ConcertId}/dates", visitor);

    protected Task<Got> Seats(Sale sale, Visitor? visitor, string query = "") =>
        Server.Get($"/v1/schedules/{sale.ScheduleId}/seats{query}", visitor);

    protected Task<Got> SeatsOn(Sale sale, string date, Visitor? visitor, string query = "") =>
        Server.Get($"/v1/concerts/{sale.ConcertId}/seats?date={date}{query}", visitor);

    protected Task<Got> Hold(Sale sale, Visitor? visitor, string seat = "A-1-1") =>
        Server.Post($"/v1/schedules/{sale.ScheduleId}/holds", visitor, $$"""{"seats":["{{seat}}"]}""");

    protected Task<Got> HoldOn(Sale sale, string date, Visitor? visitor, string seat = "A-1-1") =>
        Server.Post($"/v1/concerts/{sale.ConcertId}/holds", visitor, $$"""{"date":"{{date}}","seats":["{{seat}}"]}""");

    protected Task<Got> Reservation(string id, Visitor visitor) =>
        Answered(() => Server.Get("/v1/reservations/" + id, visitor.OnlyAccess));

    protected Task<Got> Pay(string id, Visitor? visitor) =>
        Server.Post("/v1/payments", visitor, $$"""{"reservationId":"{{id}}"}""");

    protected Task<Got> Charge(Visitor? visitor, long amount) => Server.Post(Charges, visitor, $$"""{"amount":{{amount}}}""");

    protected async Task<long> Balance(Visitor visitor) =>
        (await Answered(() => Server.Get(Wallet, visitor))).Is(HttpStatusCode.OK)["balance"].GetInt64();

    /// <summary>What an operator sees of the queue.</summary>
    protected async Task<JsonElement> Figures(string queueId) =>
        (await Server.Get("/v1/admin/queues/" + queueId, await Server.Admin())).Is(HttpStatusCode.OK)["figures"];

    /// <summary>The status of a seat, as an operator sees it or, with a visitor, as that one does.</summary>
    protected static string StatusOf(Got map, string seat) => map["seats"].EnumerateArray()
        .Single(one => one.GetProperty("seatId").GetString() == seat).GetProperty("status").GetString()!;

    /// <summary>Waits until a seat has that status for others; they may see it a second later.</summary>
    protected Task Becomes(string status, Sale sale, string seat, Visitor visitor) =>
        Soon(() => Seats(sale, visitor), map => map.Code is null && StatusOf(map, seat) == status);

    /// <summary>Waits until a token has that status; its owner may see it a second later.</summary>
    protected Task<Got> Becomes(string status, Visitor visitor) =>
        Soon(() => Poll(visitor), got => got.Code switch
        {
            null => got.Text("status") == status,
            "TOKEN_ENDED" => got.Text("tokenStatus") == status,
            _ => false,
        });

    /// <summary>Asks again until there is an answer: what has just failed to write is away for a moment.</summary>
    protected Task<Got> Answered(Func<Task<Got>> ask) => Soon(ask, got => got.Code != "UNAVAILABLE");

    /// <summary>Asks again until the answer is as wanted, and lets no more time pass meanwhile than an answer may lag behind.</summary>
    protected async Task<Got> Soon(Func<Task<Got>> ask, Func<Got, bool> wanted)
    {
        var lag = Seconds(1);
        return await Server.Until(ask, got =>
        {
            var done = wanted(got);
            if (!done && lag > TimeSpan.Zero)
            {
                lag -= Seconds(0.1);
                Pass(Seconds(0.1));
            }

            return done;
        });
    }

    /// <summary>A call is refused to whoever shows no token, an altered one, another user's, or one that has ended.</summary>
    protected async Task RefusesInvalid(string queueId, Func<Visitor?, Task<Got>> call)
    {
        var visitor = await Active(queueId);
        (await call(null)).Is(ProblemCode.TokenMissing);
        (await call(visitor with { Token = visitor.Token!.Insert(9, "A") })).Is(ProblemCode.TokenInvalid);
        (await call(visitor with { Access = (await Server.User()).Access })).Is(ProblemCode.TokenNotYours);
        Assert.Equal("CANCELLED", (await call((await Left(queueId)).OnlyToken)).Is(ProblemCode.TokenEnded).Text("tokenStatus"));
    }

    /// <summary>A call is refused to a token that has run out.</summary>
    protected async Task RefusesExpired(string queueId, Func<Visitor?, Task<Got>> call)
    {
        var expired = await Expired(queueId);
        Assert.Equal("EXPIRED", (await call(expired.OnlyToken)).Is(ProblemCode.TokenEnded).Text("tokenStatus"));
    }

    /// <summary>A call is refused to a token whose turn has not come.</summary>
    protected async Task RefusesWaiting(string queueId, Func<Visitor?, Task<Got>> call)
    {
        var waiting = await Waiting(queueId);
        Assert.Equal("WAITING", (await call(waiting)).Is(ProblemCode.TokenNotActive).Text("tokenStatus"));
    }

    /// <summary>
    /// Waits for the line that says this of that stream. Now and then some time passes, and more each time: a grain that sets its timer
    /// while the clock is being moved is late by as much, and a host that told a queue too late of whom it answered counts as lost.
    /// </summary>
    internal async Task<Line> Logged(string stream, string text)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        var nudge = Seconds(1);
        for (var nudgeAt = Seconds(0.1); ; await Task.Yield())
        {
            if (Lines(stream, text).FirstOrDefault() is { } line)
            {
                return line;
            }

            Assert.True(patience.Elapsed < Seconds(10), $"The log never said '{text}' of {stream}.");
            if (patience.Elapsed > nudgeAt)
            {
                nudgeAt += Seconds(0.1);
                Pass(nudge);
                nudge = nudge < Minutes(1) ? nudge * 1.1 : nudge;
            }
        }
    }

    /// <summary>The lines that say this of that stream.</summary>
    internal IEnumerable<Line> Lines(string stream, string text) =>
        theatre.Log.With(text).Where(line => line.Text.StartsWith(stream + ":", StringComparison.Ordinal));

    /// <summary>The events that an append would write.</summary>
    internal static bool Writes(Append append, string stream, string happening) =>
        append.Stream == stream && append.Events.Any(text => System.Text.Encoding.UTF8.GetString(text.Span)
            .Contains($"\"{happening}\"", StringComparison.Ordinal));
}
