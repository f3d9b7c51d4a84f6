using OrleansConcert.Api.Access;
using OrleansConcert.Api.Hosting;
using OrleansConcert.Api.Problems;
using OrleansConcert.Api.Streams;

namespace OrleansConcert.Api.Http;

/// <summary>
/// What every call goes through, in this order: credential, repeat, gate, arguments, and then its resource, which looks at
/// existence, ownership and state.
/// </summary>
internal sealed partial class Edge(
    Credentials credentials,
    Gatekeeper gatekeeper,
    Repeats repeats,
    KeysInUse keysInUse,
    Boards boards,
    OpenStreams streams,
    Settings settings,
    Readiness readiness,
    TimeProvider time,
    OutageLog outages,
    ILogger<Edge> log)
{
    private static readonly TimeSpan BodyPatience = TimeSpan.FromSeconds(10);
    private static readonly Problem Late = new(
        ProblemCode.MalformedRequest, $"The body did not arrive within {BodyPatience.TotalSeconds} s.");

    /// <summary>As long as the store may keep one write, and a moment: of a call that takes several, somebody is told no later.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.4);

    private static readonly Problem Busy = new(ProblemCode.Unavailable, "The server has more calls to answer than it takes at once.");
    private static readonly Problem Down = new(
        ProblemCode.Unavailable, "The store or the engine can't answer now; nothing was done, or the same Idempotency-Key finds it.");

    private static readonly RouteValueDictionary NoPath = [];

    private int _inFlight;

    /// <summary>How many calls are being answered now.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Answers one request.</summary>
    public async Task Answer(HttpContext http, Route route)
    {
        if (route.IsProbe)
        {
            await (await route.Answer(null!, null!, null!)!).Send(http);
            return;
        }

        EventStream? stream = null;
        var admitted = Interlocked.Increment(ref _inFlight) <= settings.InFlight;
        try
        {
            var reply = !admitted ? Busy
                : !readiness.MayAnswer ? Down
                : Acceptance.Refuse(http.Request, route) ?? await Guarded(http, route);
            if (!HttpMethods.IsHead(http.Request.Method) && reply.Stream is { } opening)
            {
                reply = streams.Refuse(opening, http) ?? reply;
                stream = reply.Stream;
            }

            await reply.Send(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; nobody is left to be told.
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }

        // Only its opening was a call in flight.
        await (stream is null ? Task.CompletedTask : streams.Carry(stream, http));
    }

    /// <summary>Turns what went wrong on the way into what a client is told of it.</summary>
    private async ValueTask<Reply> Guarded(HttpContext http, Route route)
    {
        try
        {
            return await Receive(http, route);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return new Problem(ProblemCode.BodyTooLarge, $"The body must be at most {Body.MaxBytes} bytes.");
        }
        catch (IOException)
        {
            return new Problem(ProblemCode.MalformedRequest, "The body did not arrive as HTTP wants it.");
        }
        catch (Exception exception) when (IsOutage(exception) && !http.RequestAborted.IsCancellationRequested)
        {
            outages.Add(exception);
            return Down;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFault(exception, http.Request.Method, http.GetEndpoint()?.DisplayName ?? "");
            throw;
        }
    }

    private static bool IsOutage(Exception exception) => exception is UnavailableException or TimeoutException
        or OrleansException or ObjectDisposedException or OperationCanceledException;

    /// <summary>Takes in the whole request; from here on nothing is read from it.</summary>
    private ValueTask<Reply> Receive(HttpContext http, Route route)
    {
        var request = http.Request;
        var (caller, wrong) = credentials.Read(request.Headers);
        wrong = route.Gate is Gate.Open or Gate.Operator ? null : wrong ?? Gatekeeper.Unknown(route.Gate, caller);
        var arrival = new Arrival(route, caller, wrong, PathOf(request))
        {
            Query = request.Query,
            IfNoneMatch = request.Headers.IfNoneMatch.ToString(),
            AcceptEncoding = request.Headers.AcceptEncoding.ToString(),
            LastEventId = route.IsStream ? ServerEvents.IdIn(request.Headers) : null,
        };
        if (wrong is null && route.Gate is not (Gate.Open or Gate.Operator) && HttpMethods.IsPost(request.Method))
        {
            (arrival.Key, arrival.Wrong) = Repeats.Read(request.Headers[Repeats.Header]);
        }

        if (arrival.Key is { } key && !repeats.Take(caller.UserId!, key))
        {
            (arrival.Key, arrival.Wrong) = (null, Repeats.InProgress);
        }

        return Received(http, arrival);
    }

    /// <summary>What the path names, to be kept: the server uses its own again.</summary>
    private static RouteValueDictionary PathOf(HttpRequest request) =>
        request.RouteValues is { Count: > 0 } values ? new(values) : NoPath;

    private async ValueTask<Reply> Received(HttpContext http, Arrival arrival)
    {
        var handedOver = false;
        try
        {
            var request = http.Request;
            if (HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method))
            {
                using var patience = new CancellationTokenSource(BodyPatience, time);
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, patience.Token);
                try
                {
                    arrival.Body = await Body.Read(request, stop.Token);
                }
                catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
                {
                    return Late;
                }
            }

            if (arrival.Key is not null)
            {
                arrival.Fingerprint = Repeats.Fingerprint(request.Method, request.PathBase + request.Path, arrival.Body!.Bytes.Span);
            }

            handedOver = true;
            var reply = Process(arrival);
            // The token has to be made for whoever asks for it: a call that was answered at once can do without.
            return arrival.Route.IsSlow || reply.IsCompleted
                ? await reply
                : await reply.AsTask().WaitAsync(Patience, time, http.RequestAborted);
        }
        finally
        {
            if (!handedOver)
            {
                GiveBack(arrival);
            }
        }
    }

    /// <summary>The call itself. It goes on to its end even where its client stops waiting, and keeps its key until then.</summary>
    private async ValueTask<Reply> Process(Arrival arrival)
    {
        Repeat? repeat = null;
        long? number = null;
        try
        {
            var caller = await Seen(arrival.Caller, arrival.Route.IsRead);
            if (arrival.Wrong is { } wrong)
            {
                return wrong;
            }

            if (arrival.Key is { } key)
            {
                repeat = new(caller.UserId!, key, arrival.Fingerprint);
                var begun = await keysInUse.Begin(repeat);
                number = begun.Number;
                if (begun.Given is { } given)
                {
                    return Reply.Again(given, repeat);
                }

                if (number is null)
                {
                    return Repeats.InProgress;
                }
            }

            if (await gatekeeper.Refuses(arrival.Route.Gate, caller) is { } refused)
            {
                return refused;
            }

            var faults = new Faults();
            var call = new Call
            {
                Caller = caller,
                Repeat = repeat,
                Query = new(arrival.Query, faults),
                Path = arrival.Path,
                IfNoneMatch = arrival.IfNoneMatch,
                AcceptEncoding = arrival.AcceptEncoding,
                LastEventId = arrival.LastEventId,
            };
            return arrival.Route.Answer(call, arrival.Body!, faults) is { } answer ? await answer : faults.Problem!;
        }
        finally
        {
            GiveBack(arrival);
            await (number is { } taken ? keysInUse.End(repeat!, taken) : Task.CompletedTask);
            if (!arrival.Route.IsRead && arrival.Caller.Token is { } token)
            {
                boards.Told(token.QueueId, token.UserId);
            }
        }
    }

    /// <summary>Asks the queue about the token. That counts as activity, so it is done for every genuine token, refused or not.</summary>
    private async ValueTask<Caller> Seen(Caller caller, bool isRead) => caller.Token is { } token
        ? caller with { Sight = isRead ? await boards.Sight(token) : await boards.Exact(token) }
        : caller;

    private void GiveBack(Arrival arrival)
    {
        if (arrival.Key is { } key)
        {
            repeats.GiveBack(arrival.Caller.UserId!, key);
        }
    }

    [LoggerMessage(2, LogLevel.Error, "A call failed as none should: {Method} {Route}")]
    private partial void LogFault(Exception exception, string method, string route);

    /// <summary>A request as it came in.</summary>
    private sealed record Arrival(Route Route, Caller Caller, Problem? Refused, RouteValueDictionary Path)
    {
        public Problem? Wrong { get; set; } = Refused;

        public string? Key { get; set; }

        public string Fingerprint { get; set; } = "";

        public Body? Body { get; set; }

        public required IQueryCollection Query { get; init; }

        public required string IfNoneMatch { get; init; }

        public required string AcceptEncoding { get; init; }

        public required long? LastEventId { get; init; }
    }
}
