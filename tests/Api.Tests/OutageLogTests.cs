using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansConcert.Grains.Tests;

namespace OrleansConcert.Api.Tests;

/// <summary>What an operator reads of calls that the store could not answer.</summary>
public sealed class OutageLogTests
{
    [Fact]
    public async Task However_many_calls_are_refused_in_an_outage_the_log_has_one_line_a_second_that_counts_them()
    {
        var (journal, lines) = (new HeldJournal(), new Lines());
        await using var own = new Disposing(await Server.Start(services =>
        {
            journal.Instead(services);
            services.AddSingleton<ILoggerProvider>(lines);
        }));
        var user = await own.Server.User();
        journal.Refuse(append => append.Stream.StartsWith("wallet/", StringComparison.Ordinal));
        for (var call = 0; call < 4; call++)
        {
            (await Charge()).Is(ProblemCode.Unavailable);
        }

        Assert.Contains(": 1; ", Assert.Single(lines.With("could not answer")).Text, StringComparison.Ordinal);
        own.Server.Time.Advance(TimeSpan.FromSeconds(1));
        (await Charge()).Is(ProblemCode.Unavailable);
        Assert.Contains(": 4; ", lines.With("could not answer").Last().Text, StringComparison.Ordinal);
        Assert.Equal(2, lines.With("could not answer").Count());

        Task<Got> Charge() => own.Server.Post("/v1/users/me/wallet/charges", user, """{"amount":5}""", Server.New("key"));
    }
}
