using Npgsql;

namespace OrleansConcert.Storage.Postgres;

/// <summary>What a failure of the database means to us.</summary>
internal static class PostgresErrors
{
    /// <summary>Raised by our own functions: another server has the lease.</summary>
    public const string LeaseLost = "OC001";

    /// <summary>Raised by our own functions: a key has an answer already.</summary>
    public const string KeyTaken = "OC002";

    /// <summary>Whether two calls were in each other's way, and this one was undone for the other's sake.</summary>
    public static bool IsConflict(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure,
    };

    /// <summary>
    /// Whether it is certain that nothing was written: the database itself said that the statement failed, and lives on. One that goes
    /// down may have committed before.
    /// </summary>
    public static bool IsCertain(Exception exception) => exception is PostgresException { InvariantSeverity: "ERROR" };

    /// <summary>Whether the database is the cause: it is gone, slow, full, or refuses.</summary>
    public static bool IsOutage(Exception exception) => exception is NpgsqlException or TimeoutException or IOException
        or OperationCanceledException or ObjectDisposedException or System.Net.Sockets.SocketException;
}
