namespace OrleansConcert.Simulation;

/// <summary>Pauses, drains, resumes and changes the policy now and then.</summary>
internal sealed class Operator(World world)
{
    private readonly Random _random = world.Random;

    public async Task Manage()
    {
        await world.Operations(_random.Next(5, 40));
        while (world.Begin())
        {
            if (_random.Next(3) == 0)
            {
                var policy = Policies.AnyQueue(_random);
                var view = await world.Ask("operator", "put", grains => Queue(grains).Put("any", policy));
                if (view is not null && view.Policy != policy)
                {
                    world.Break("the policy that was put is not the one that was answered");
                }
            }
            else
            {
                var mode = Policies.One(_random, QueueMode.Open, QueueMode.Paused, QueueMode.Draining);
                var told = await world.Ask("operator", $"{mode}", grains => Queue(grains).SetMode(mode, null));
                if (told is not null && mode != QueueMode.Open && _random.Next(4) > 0)
                {
                    await world.Operations(_random.Next(1, 15));
                    await world.Ask("operator", "resume", grains => Queue(grains).SetMode(QueueMode.Open, null));
                }
            }

            await world.Operations(_random.Next(5, 40));
        }
    }

    private static IWaitingQueueGrain Queue(IGrainFactory grains) => grains.GetGrain<IWaitingQueueGrain>(World.QueueId);
}
