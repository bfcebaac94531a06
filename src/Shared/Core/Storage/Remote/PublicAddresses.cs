using System.Net;
using System.Net.Sockets;

namespace ChangeDetection.Core.Storage.Remote;

/// <summary>
/// Connects to addresses of the public internet alone. The check is at the connection, of the very address that is then connected to: so it holds behind
/// redirects, and no name can resolve to one address for the check and to another for the connection.
/// </summary>
internal static class PublicAddresses
{
    /// <summary>
    /// Special-purpose networks (IANA's registries): this machine, private and shared networks, link-local with the metadata services of clouds,
    /// multicast, documentation.
    /// </summary>
    private static readonly IPNetwork[] s_others = [.. new[]
    {
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    }.Select(network => IPNetwork.Parse(network))];

    internal static bool Includes(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !s_others.Any(network => network.Contains(address));
    }

    /// <summary>A <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="PrivateAddressException">The host has no public address.</exception>
    internal static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
        var open = addresses.Where(Includes).ToArray();
        if (open.Length == 0)
        {
            throw new PrivateAddressException(
                $"'{host}' is {string.Join(", ", addresses.Select(address => address.ToString()))}, an address of this machine or of a private network. " +
                $"Set {StorageSettings.PrivateAddressesVariable}=true on the workers if everybody who submits configs may read from there.");
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(open, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
