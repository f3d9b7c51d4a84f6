using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Reminders;

namespace Orleans.Hosting;

/// <summary>Adds reminders.</summary>
public static class SiloBuilderReminderExtensions
{
    /// <summary>Adds reminders; the host registers the <see cref="IReminderTable"/> they are kept in.</summary>
    public static ISiloBuilder AddReminders(this ISiloBuilder builder)
    {
        builder.Services.AddReminders();
        return builder;
    }

    /// <summary>Adds reminders; the host registers the <see cref="IReminderTable"/> they are kept in.</summary>
    public static void AddReminders(this IServiceCollection services)
    {
        if (services.All(service => service.ServiceType != typeof(ReminderService)))
        {
            services.AddSingleton<ReminderService>();
            services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<ReminderService>());
        }
    }
}

/// <summary>Adds reminders that are gone when the host stops.</summary>
public static class SiloBuilderReminderMemoryExtensions
{
    /// <summary>Adds them.</summary>
    public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder)
    {
        builder.AddReminders();
        builder.Services.AddSingleton<IReminderTable, MemoryReminderTable>();
        return builder;
    }
}
