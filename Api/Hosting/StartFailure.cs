using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OrleansConcert.Silo;

namespace OrleansConcert.Api.Hosting;

/// <summary>Says in one line, without a stack trace, why the server could not start.</summary>
public static class StartFailure
{
    public static string LineOf(Exception exception)
    {
        var line = exception switch
        {
            StartException => exception.Message,
            IOException { InnerException: AddressInUseException } => exception.Message,
            SocketException => $"ASPNETCORE_URLS names an address that cannot be had: {exception.Message}.",
            _ => $"{exception.GetType().Name}: {exception.Message}",
        };
        return "The server did not start: " + line.ReplaceLineEndings(" ");
    }
}
