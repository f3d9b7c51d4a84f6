using System.Security.Cryptography;
using System.Text;

namespace OrleansConcert.Grains.Abstractions;

/// <summary>The names under which things are stored and woken, each said once. Changing one loses what is stored under it.</summary>
public static class WireNames
{
    public const string MainQueue = "main";
    public const string Catalog = "catalog";
    public const string Audit = "audit";
    public const string Trails = "trails";
    public const string Answers = "answers";
    public const string Health = "health";
    public const string StateStorage = "journal";
    public const string WakeUpReminder = "wake-up";

    public const string QueueStreams = "queue/";
    public const string ScheduleStreams = "schedule/";
    public const string ConcertStreams = "concert/";
    public const string WalletStreams = "wallet/";

    /// <summary>Enough for any number of silos, few enough to be there always.</summary>
    private const int RepeatShards = 64;

    /// <summary>One stream a user: the ids of their reservations, newest last.</summary>
    public const string ReservationStreams = "reservations/";

    /// <summary>The key of a token's grain.</summary>
    public static string Token(string queueId, long ticket) => $"{queueId}/{ticket}";

    /// <summary>The grain that knows the caller's keys in use.</summary>
    public static string Repeats(string caller) => $"{SHA256.HashData(Encoding.UTF8.GetBytes(caller))[0] % RepeatShards}";

    /// <summary>The queue and ticket of a token's grain.</summary>
    public static (string QueueId, long Ticket) ParseToken(string key)
    {
        var slash = key.LastIndexOf('/');
        return (key[..slash], long.Parse(key.AsSpan(slash + 1), System.Globalization.CultureInfo.InvariantCulture));
    }
}
