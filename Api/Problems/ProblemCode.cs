namespace OrleansConcert.Api.Problems;

/// <summary>
/// What a call can be refused with: a stable code, its HTTP status, a title, and whether the same call may succeed later. The one
/// table of them, in the order in which they are documented.
/// </summary>
public sealed record ProblemCode(string Code, int Status, string Title, bool Retryable)
{
    private static readonly ImmutableArray<ProblemCode>.Builder Table = ImmutableArray.CreateBuilder<ProblemCode>();

    public static readonly ProblemCode MalformedRequest = Of(400, "MALFORMED_REQUEST", "The request is not well formed");
    public static readonly ProblemCode InvalidArgument = Of(400, "INVALID_ARGUMENT", "An argument is missing or out of bounds");
    public static readonly ProblemCode InvalidAmount = Of(400, "INVALID_AMOUNT", "The amount is out of bounds");
    public static readonly ProblemCode InvalidDate = Of(400, "INVALID_DATE", "The date is none");
    public static readonly ProblemCode TokenMissing = Of(401, "TOKEN_MISSING", "A credential is needed");
    public static readonly ProblemCode TokenInvalid = Of(401, "TOKEN_INVALID", "The queue token is not genuine");
    public static readonly ProblemCode AccessTokenInvalid = Of(401, "ACCESS_TOKEN_INVALID", "The access token is not genuine");
    public static readonly ProblemCode AccessTokenExpired = Of(401, "ACCESS_TOKEN_EXPIRED", "The access token has expired");
    public static readonly ProblemCode OperatorKeyInvalid = Of(401, "OPERATOR_KEY_INVALID", "The operator key is not known");
    public static readonly ProblemCode InsufficientBalance = Of(402, "INSUFFICIENT_BALANCE", "The balance is too low", true);
    public static readonly ProblemCode TokenNotActive = Of(403, "TOKEN_NOT_ACTIVE", "The queue token still waits", true);
    public static readonly ProblemCode TokenNotYours = Of(403, "TOKEN_NOT_YOURS", "The queue token is another user's");
    public static readonly ProblemCode NotOwner = Of(403, "NOT_OWNER", "The reservation is another user's");
    public static readonly ProblemCode AdminOnly = Of(403, "ADMIN_ONLY", "Only admins may do this");
    public static readonly ProblemCode WrongQueue = Of(403, "WRONG_QUEUE", "The token is of another queue");
    public static readonly ProblemCode ConcertNotFound = Of(404, "CONCERT_NOT_FOUND", "There is no such concert");
    public static readonly ProblemCode ScheduleNotFound = Of(404, "SCHEDULE_NOT_FOUND", "There is no such schedule");
    public static readonly ProblemCode SeatNotFound = Of(404, "SEAT_NOT_FOUND", "There is no such seat");
    public static readonly ProblemCode ReservationNotFound = Of(404, "RESERVATION_NOT_FOUND", "There is no such reservation");
    public static readonly ProblemCode PaymentNotFound = Of(404, "PAYMENT_NOT_FOUND", "There is no such payment");
    public static readonly ProblemCode UserNotFound = Of(404, "USER_NOT_FOUND", "The user is not registered");
    public static readonly ProblemCode QueueNotFound = Of(404, "QUEUE_NOT_FOUND", "There is no such queue");
    public static readonly ProblemCode NotInQueue = Of(404, "NOT_IN_QUEUE", "The queue does not know this token");
    public static readonly ProblemCode DateNotBookable = Of(404, "DATE_NOT_BOOKABLE", "Nothing can be booked on this date");
    public static readonly ProblemCode SeatsTaken = Of(409, "SEATS_TAKEN", "Another buyer has some of the seats", true);
    public static readonly ProblemCode AmbiguousDate = Of(409, "AMBIGUOUS_DATE", "Several schedules are on this date");
    public static readonly ProblemCode AlreadyPaid = Of(409, "ALREADY_PAID", "The reservation is paid");
    public static readonly ProblemCode AlreadyReserved = Of(409, "ALREADY_RESERVED", "The reservation is past confirming");
    public static readonly ProblemCode ReservationNotConfirmed =
        Of(409, "RESERVATION_NOT_CONFIRMED", "The reservation must be confirmed first", true);

    public static readonly ProblemCode PaymentInProgress = Of(409, "PAYMENT_IN_PROGRESS", "A payment is under way", true);
    public static readonly ProblemCode HasLiveHold = Of(409, "HAS_LIVE_HOLD", "The place has a live hold", true);
    public static readonly ProblemCode AlreadyExists = Of(409, "ALREADY_EXISTS", "The id is taken");
    public static readonly ProblemCode QueueClosed = Of(409, "QUEUE_CLOSED", "The queue takes nobody new", true);
    public static readonly ProblemCode IdempotencyInProgress =
        Of(409, "IDEMPOTENCY_IN_PROGRESS", "The first request with this key still runs", true);

    public static readonly ProblemCode SalesClosed = Of(409, "SALES_CLOSED", "The schedule is not on sale now");
    public static readonly ProblemCode LimitExceeded = Of(409, "LIMIT_EXCEEDED", "That is more than is allowed");
    public static readonly ProblemCode NotEnoughSeats = Of(409, "NOT_ENOUGH_SEATS", "Not enough seats are free", true);
    public static readonly ProblemCode TokenEnded = Of(410, "TOKEN_ENDED", "The queue token has ended");
    public static readonly ProblemCode HoldExpired = Of(410, "HOLD_EXPIRED", "The hold has lapsed");
    public static readonly ProblemCode ReservationCancelled = Of(410, "RESERVATION_CANCELLED", "The reservation was given back");
    public static readonly ProblemCode NotFound = Of(404, "NOT_FOUND", "There is nothing under this path");
    public static readonly ProblemCode MethodNotAllowed = Of(405, "METHOD_NOT_ALLOWED", "The path does not take this method");
    public static readonly ProblemCode NotAcceptable = Of(406, "NOT_ACCEPTABLE", "The answer is of another media type");
    public static readonly ProblemCode BodyTooLarge = Of(413, "BODY_TOO_LARGE", "The body is too large");
    public static readonly ProblemCode UnsupportedMediaType = Of(415, "UNSUPPORTED_MEDIA_TYPE", "The body must be JSON");
    public static readonly ProblemCode IdempotencyKeyReused =
        Of(422, "IDEMPOTENCY_KEY_REUSED", "The key belongs to another request");

    public static readonly ProblemCode RateLimited = Of(429, "RATE_LIMITED", "That is more than is taken at once", true);
    public static readonly ProblemCode Unavailable = Of(503, "UNAVAILABLE", "The server can't answer now", true);

    /// <summary>Every code, in the order in which they are documented.</summary>
    public static ImmutableArray<ProblemCode> All => [.. Table];

    /// <summary>The path that names this kind of problem: <c>/problems/seats-taken</c>.</summary>
    public string Type { get; } = "/problems/" + Code.ToLowerInvariant().Replace('_', '-');

    private static ProblemCode Of(int status, string code, string title, bool retryable = false)
    {
        var made = new ProblemCode(code, status, title, retryable);
        Table.Add(made);
        return made;
    }
}
