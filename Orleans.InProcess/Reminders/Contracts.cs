using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>A reminder as its grain knows it.</summary>
    public interface IGrainReminder
    {
        /// <summary>Its name, unique within the grain.</summary>
        string ReminderName { get; }
    }

    /// <summary>When a tick came and when it should have.</summary>
    /// <param name="firstTickTime">When the reminder was to tick first, UTC.</param>
    /// <param name="period">The time between ticks.</param>
    /// <param name="timeStamp">When this tick was sent, UTC.</param>
    [GenerateSerializer, Immutable]
#pragma warning disable CA1815 // Nobody compares ticks.
    public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
#pragma warning restore CA1815
    {
        /// <summary>When the reminder was to tick first, UTC.</summary>
        [Id(0)]
        public DateTime FirstTickTime { get; } = firstTickTime;

        /// <summary>The time between ticks.</summary>
        [Id(1)]
        public TimeSpan Period { get; } = period;

        /// <summary>When this tick was sent, UTC.</summary>
        [Id(2)]
        public DateTime CurrentTickTime { get; } = timeStamp;

        /// <inheritdoc/>
        public override string ToString() => $"<{FirstTickTime:O}, {Period}, {CurrentTickTime:O}>";
    }

    /// <summary>A reminder could not be registered or unregistered, since someone else did so meanwhile.</summary>
    [GenerateSerializer]
    public sealed class ReminderException(string message) : OrleansException(message);
}

namespace Orleans
{
    /// <summary>A grain that has reminders: wake-ups that survive its activation and the process.</summary>
    public interface IRemindable : IGrain
    {
        /// <summary>A reminder ticks: an ordinary call, which activates the grain if need be. Missed ticks are not made up for.</summary>
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    /// <summary>
    /// Where reminders are kept. A host registers its own as a singleton and calls
    /// <see cref="Hosting.SiloBuilderReminderExtensions.AddReminders(Hosting.ISiloBuilder)"/>.
    /// </summary>
    public interface IReminderTable
    {
        /// <summary>Called once before any other; a failure keeps the host from starting.</summary>
#pragma warning disable CS0618 // Tables written for older versions implement Init alone.
        Task StartAsync(CancellationToken cancellationToken = default) => Init();
#pragma warning restore CS0618

        /// <summary>The older form of <see cref="StartAsync"/>.</summary>
        [Obsolete("Implement and use StartAsync instead")]
        Task Init() => Task.CompletedTask;

        /// <summary>The reminders of one grain.</summary>
        Task<ReminderTableData> ReadRows(GrainId grainId);

        /// <summary>
        /// The reminders of the grains whose hash lies in (begin, end], round the ring where end is not above begin. The engine
        /// asks for (0, 0], which is all of them.
        /// </summary>
        Task<ReminderTableData> ReadRows(uint begin, uint end);

        /// <summary>One reminder, or null.</summary>
        Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

        /// <summary>Writes a reminder, new or not, and answers its new version; null where another write won.</summary>
        Task<string?> UpsertRow(ReminderEntry entry);

        /// <summary>Deletes a reminder where it still has this version; whether it did.</summary>
        Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

        /// <summary>Deletes everything. For tests.</summary>
        Task TestOnlyClearTable();

        /// <summary>Called once after all others.</summary>
        Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }

    /// <summary>A row of the reminder table.</summary>
    [GenerateSerializer]
    public sealed class ReminderEntry
    {
        /// <summary>Whose reminder it is.</summary>
        [Id(0)]
        public GrainId GrainId { get; set; }

        /// <summary>Its name, unique within the grain.</summary>
        [Id(1)]
        public string ReminderName { get; set; } = null!;

        /// <summary>When it ticks first, UTC.</summary>
        [Id(2)]
        public DateTime StartAt { get; set; }

        /// <summary>The time between ticks.</summary>
        [Id(3)]
        public TimeSpan Period { get; set; }

        /// <summary>The version of the row.</summary>
        [Id(4)]
        public string? ETag { get; set; }

        /// <inheritdoc/>
        public override string ToString() => $"<GrainId={GrainId} ReminderName={ReminderName} Period={Period}>";
    }

    /// <summary>Rows of the reminder table.</summary>
    [GenerateSerializer]
    public sealed class ReminderTableData
    {
        /// <summary>No rows.</summary>
        public ReminderTableData() => Reminders = [];

        /// <summary>One row.</summary>
        public ReminderTableData(ReminderEntry entry) => Reminders = [entry];

        /// <summary>Some rows.</summary>
        public ReminderTableData(IEnumerable<ReminderEntry> list) => Reminders = [.. list];

        /// <summary>The rows.</summary>
        [Id(0)]
        public IList<ReminderEntry> Reminders { get; private set; }

        /// <inheritdoc/>
        public override string ToString() => $"[{Reminders.Count} reminders: {string.Join(", ", Reminders)}]";
    }
}
