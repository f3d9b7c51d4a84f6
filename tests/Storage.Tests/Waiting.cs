using System.Diagnostics;

namespace OrleansConcert.Storage.Tests;

/// <summary>For what another process or thread brings about.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task Until(Func<Task<bool>> holds)
    {
        for (var watch = Stopwatch.StartNew(); !await holds();)
        {
            Assert.True(watch.Elapsed < Limit, "It never came to hold.");
            await Task.Yield();
        }
    }

    public static Task Until(Func<bool> holds) => Until(() => Task.FromResult(holds()));
}
