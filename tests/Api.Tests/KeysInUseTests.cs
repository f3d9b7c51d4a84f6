using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansConcert.Api.Http;
using OrleansConcert.Grains.Abstractions;

namespace OrleansConcert.Api.Tests;

/// <summary>A host of a cluster, of which there are others.</summary>
public sealed class KeysInUseTests
{
    private const string Path = "/v1/users/me/wallet/charges";

    [Fact]
    public async Task A_key_under_which_another_host_is_at_work_is_in_progress_here_and_free_once_that_one_is_done()
    {
        await using var own = new Disposing(await Host());
        var user = await own.Server.User();
        var others = own.Server.App.Services.GetRequiredService<IGrainFactory>()
            .GetGrain<IRepeatsGrain>(WireNames.Repeats(user.UserId));
        var begun = await others.Begin(user.UserId, "k");
        (await Charge(5)).Is(ProblemCode.IdempotencyInProgress);
        await others.End(user.UserId, "k", begun.Number!.Value);
        Assert.False((await Charge(5)).Is(HttpStatusCode.Created).IsReplayed);
        Assert.True((await Charge(5)).Is(HttpStatusCode.Created).IsReplayed);
        Assert.Equal(5, (await own.Server.Get("/v1/users/me/wallet", user))["balance"].GetInt64());

        Task<Got> Charge(long amount) => own.Server.Post(Path, user, $$"""{"amount":{{amount}}}""", "k");
    }

    [Fact]
    public async Task A_refusal_leaves_its_key_free_at_once()
    {
        await using var own = new Disposing(await Host());
        var user = await own.Server.User();
        for (var round = 0; round < 100; round++)
        {
            (await own.Server.Post(Path, user, """{"amount":0}""", "k")).Is(ProblemCode.InvalidAmount);
        }

        (await own.Server.Post(Path, user, """{"amount":5}""", "k")).Is(HttpStatusCode.Created);
    }

    private static Task<Server> Host() =>
        Server.Start(services => services.Replace(ServiceDescriptor.Singleton<KeysInUse, SharedKeysInUse>()));
}
