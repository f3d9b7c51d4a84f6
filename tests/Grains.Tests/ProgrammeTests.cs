using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansConcert.Silo;

namespace OrleansConcert.Grains.Tests;

/// <summary>What whoever runs a server or a silo is told of its end.</summary>
public sealed class ProgrammeTests : IDisposable
{
    private readonly TextWriter _console = Console.Error;
    private readonly StringWriter _said = new();

    public ProgrammeTests() => Console.SetError(_said);

    [Fact]
    public async Task A_start_that_fails_is_1_and_says_in_one_line_why()
    {
        Assert.Equal(1, await Programme.Run("silo", () => throw new StartException("Somebody\nhas it."), _ => Task.CompletedTask));
        Assert.Contains("The silo did not start: Somebody has it.\n", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_in_order_is_0_and_says_nothing()
    {
        Assert.Equal(0, await Run("quiet silo", new Guest()));
        Assert.DoesNotContain("quiet silo", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_that_fails_is_1_and_no_failed_start()
    {
        Assert.Equal(1, await Run("silo", new Guest { Goes = () => throw new TimeoutException("It hangs.") }));
        Assert.Contains("The silo did not stop in order: ", _said.ToString(), StringComparison.Ordinal);
        Assert.Contains("It hangs.\n", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_the_store_was_lost_is_told_by_the_exit_code_though_the_stop_fails_too()
    {
        var lost = new Guest
        {
            Goes = () =>
            {
                Environment.ExitCode = 3;
                throw new TimeoutException("It hangs.");
            },
        };
        Assert.Equal(3, await Run("silo", lost));
    }

    public void Dispose()
    {
        // That of the test's own process.
        Environment.ExitCode = 0;
        Console.SetError(_console);
    }

    /// <summary>A host with one guest, asked to stop at once.</summary>
    private static Task<int> Run(string what, Guest guest) => Programme.Run(
        what,
        () =>
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddSingleton<IHostedService>(guest);
            return Task.FromResult(builder.Build());
        },
        app => app.StopAsync());

    private sealed class Guest : IHostedService
    {
        public Action Goes { get; init; } = () => { };

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Goes();
            return Task.CompletedTask;
        }
    }
}
