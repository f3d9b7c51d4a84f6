namespace OrleansConcert.Engine.Tests.InProcess;

/// <summary>Orleans gives a call up that has found its grain ending several times; here it is passed on until it is served.</summary>
public sealed class Churn(Cluster cluster) : IClassFixture<Cluster>
{
    [Fact]
    public async Task However_often_a_grain_comes_and_goes_at_once_no_call_is_lost()
    {
        var callers = Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var time = 0; time < 500; time++)
            {
                await cluster.Get<ILifeGrain>("slowly up").End();
            }
        });
        await Task.WhenAll(callers).WaitAsync(Signals.Limit / 2);
    }
}
