namespace Orleans.Configuration
{
    /// <summary>How long callers wait.</summary>
    public abstract class MessagingOptions
    {
        /// <summary>How long a caller waits for an answer before it gets a <see cref="TimeoutException"/>: 30 s unless set.</summary>
        public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);
    }

    /// <summary>How long callers within this process wait.</summary>
    public class SiloMessagingOptions : MessagingOptions;

    /// <summary>When idle activations go, and how long activating and deactivating may take.</summary>
    public class GrainCollectionOptions
    {
        /// <summary>How long an activation must have been idle before it goes: 15 min unless set.</summary>
        public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

        /// <summary>How often idle activations are looked for, so how late they may go: 1 min unless set.</summary>
        public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>After how long the token given to OnActivateAsync fires: 30 s unless set.</summary>
        public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>
        /// After how long the token given to OnDeactivateAsync fires and its end is no longer waited for: 30 s unless set.
        /// Counted from when deactivation was asked for; it does not cut short the wait for running calls.
        /// </summary>
        public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
    }
}

namespace Orleans.Hosting
{
    /// <summary>How reminders behave.</summary>
    public sealed class ReminderOptions
    {
        /// <summary>The shortest period a reminder may have: 1 min unless set.</summary>
        public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>How long the reminder table may take to start: 5 min unless set.</summary>
        public TimeSpan InitializationTimeout { get; set; } = TimeSpan.FromMinutes(5);
    }
}
