namespace Orleans.Runtime
{
    /// <summary>
    /// Keys under which a host may register a <see cref="TimeProvider"/> for one area of the engine. Without one the area
    /// takes the host's unkeyed provider, and without that the system's.
    /// </summary>
    public static class TimeProviderNames
    {
        /// <summary>Idle collection and the time limits of activation and deactivation.</summary>
        public const string ActivationManagement = "Orleans.ActivationManagement";

        /// <summary>Grain timers.</summary>
        public const string Grains = "Orleans.Grains";

        /// <summary>Time limits of calls.</summary>
        public const string Messaging = "Orleans.Messaging";
    }
}

namespace Orleans.Reminders
{
    /// <summary>The key of the reminders' <see cref="TimeProvider"/>; see <see cref="Runtime.TimeProviderNames"/>.</summary>
    public static class ReminderTimeProviderNames
    {
        /// <summary>Reminders.</summary>
        public const string Reminders = "Orleans.Reminders";
    }
}
