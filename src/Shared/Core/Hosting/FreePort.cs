using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ChangeDetection.Core.Hosting;

/// <summary>TCP ports on the loopback address. A port found free can be taken by the time it is used: whoever binds it must be ready to ask again.</summary>
public static class FreePort
{
    private const int Attempts = 100;

    // Below the range from which Linux takes the ports of outgoing connections (32768 up): a port that is kept while its server is down stays free.
    private const int FirstKept = 20_000;
    private const int EndOfKept = 32_000;

    /// <summary>Whether a server could listen on the port now.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }

    /// <summary>The preferred port, or the first free one after it.</summary>
    /// <exception cref="IOException">A hundred ports in a row are taken.</exception>
    public static int Next(int preferred)
    {
        var end = Math.Min(preferred + Attempts, IPEndPoint.MaxPort + 1);
        for (var port = preferred; port < end; port++)
        {
            if (IsFree(port))
                return port;
        }
        throw new IOException($"The ports {preferred} to {end - 1} are all taken. Name a free one.");
    }

    /// <summary>A free port worth remembering: outside the range of outgoing connections, and unlikely to be another system's choice.</summary>
    /// <exception cref="IOException">None was found in a hundred tries.</exception>
    public static int ToKeep()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(FirstKept, EndOfKept);
            if (IsFree(port))
                return port;
        }
        throw new IOException($"No free port between {FirstKept} and {EndOfKept} in {Attempts} tries.");
    }
}
