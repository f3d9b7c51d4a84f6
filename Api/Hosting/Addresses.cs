using System.Net;
using System.Net.Sockets;
using OrleansConcert.Silo;

namespace OrleansConcert.Api.Hosting;

/// <summary>Where the server is to listen.</summary>
internal static class Addresses
{
    /// <summary>
    /// Takes each address and gives it back: one that cannot be had is told before the store is opened and the engine started, which
    /// would have to be stopped again, and say so.
    /// </summary>
    /// <exception cref="StartException">Somebody listens there, or it is no address of this machine, or not for this user.</exception>
    public static void Try(string urls)
    {
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var address = BindingAddress.Parse(url);
            try
            {
                using var listener = new TcpListener(HostOf(address), address.Port);
                listener.Start();
            }
            catch (SocketException exception)
            {
                throw new StartException(
                    exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                        ? $"Failed to bind to address {url}: address already in use."
                        : $"ASPNETCORE_URLS names an address that cannot be had: {exception.Message}.",
                    exception);
            }
        }
    }

    /// <summary>A name other than localhost stands for every address, as it does for the server.</summary>
    private static IPAddress HostOf(BindingAddress address) =>
        IPAddress.TryParse(address.Host, out var host) ? host
        : address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : IPAddress.Any;
}
