using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using OrleansConcert.Storage;

namespace OrleansConcert.Silo;

/// <summary>
/// A process that serves until it is asked to stop. Whoever runs it is told by its exit code, and in one line of what failed.
/// </summary>
public static class Programme
{
    /// <summary>Starts a host, waits until it has stopped, and closes it.</summary>
    /// <param name="what">What is said to have failed: the server, the silo.</param>
    /// <returns>The exit code: that of the process where it was given one already, else 1 where something failed.</returns>
    public static async Task<int> Run(string what, Func<Task<WebApplication>> build, Func<WebApplication, Task> untilStopped)
    {
        var failed = "did not start";
        try
        {
            await using var app = await build();
            await app.StartAsync();
            failed = "did not stop in order";
            await untilStopped(app);
        }
        catch (Exception exception)
        {
            await Console.Error.WriteLineAsync($"The {what} {failed}: {LineOf(exception)}");
            return Environment.ExitCode is 0 ? 1 : Environment.ExitCode;
        }

        return Environment.ExitCode;
    }

    /// <summary>What is wrong, without a stack trace; of what nobody expected its type too.</summary>
    internal static string LineOf(Exception exception)
    {
        var isSaid = exception is StartException or StoreException or IOException { InnerException: AddressInUseException };
        return (isSaid ? exception.Message : $"{exception.GetType().Name}: {exception.Message}").ReplaceLineEndings(" ");
    }
}
