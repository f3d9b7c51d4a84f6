namespace OrleansConcert.Api.Resources;

/// <summary>Every resource there is.</summary>
internal static class AllResources
{
    public static void AddResources(this IServiceCollection services)
    {
        services.AddSingleton<Concerts>();
        services.AddSingleton<IResource>(provider => provider.GetRequiredService<Concerts>());
        services.AddSingleton<IResource, AccessTokens>();
        services.AddSingleton<IResource, QueueTokens>();
        services.AddSingleton<IResource, Seats>();
        services.AddSingleton<IResource, Reservations>();
        services.AddSingleton<IResource, Payments>();
        services.AddSingleton<IResource, Wallets>();
        services.AddSingleton<IResource, AdminUsers>();
        services.AddSingleton<IResource, AdminQueues>();
        services.AddSingleton<IResource, AdminConcerts>();
        services.AddSingleton<IResource, AdminPayments>();
        services.AddSingleton<IResource, AdminCluster>();
        services.AddSingleton<IResource, Audits>();
        services.AddSingleton<IResource, Health>();
    }
}
