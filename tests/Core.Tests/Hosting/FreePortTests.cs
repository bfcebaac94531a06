using System.Net;
using System.Net.Sockets;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Tests.Hosting;

public sealed class FreePortTests
{
    [Fact]
    public void Next_OfATakenPort_IsAFreeOneAfterIt()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var taken = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.False(FreePort.IsFree(taken));
        Assert.InRange(FreePort.Next(taken), taken + 1, taken + 99);
    }

    [Fact]
    public void ToKeep_IsBelowThePortsOfOutgoingConnections()
    {
        var port = FreePort.ToKeep();

        Assert.InRange(port, 20_000, 32_767);
        Assert.True(FreePort.IsFree(port));
    }
}
