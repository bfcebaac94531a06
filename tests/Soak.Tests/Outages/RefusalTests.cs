using ChangeDetection.Resilience.Tests.Outages;
using Scenes = ChangeDetection.Resilience.Tests.Outages.RefusalTests;

namespace ChangeDetection.Soak.Tests.Outages;

/// <summary>P4, P7, P11: a server that refuses for much longer than a lease.</summary>
[Collection(Lanes.Waiting)]
public sealed class RefusalTests(SystemApart apart)
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(40);

    [Fact]
    public Task Connections_UsedUpForFourLeases_NothingEndsOrIsCharged() => Scenes.UseUpConnectionsAsync(apart, s_long);

    [Fact]
    public Task Disk_FullForFourLeases_NothingEndsOrIsCharged() => Scenes.FillTheDiskAsync(apart, s_long);

    [Theory]
    [InlineData(40)]
    [InlineData(300)]
    public Task Server_ReadOnlyForMinutes_NothingEndsOrIsCharged(int seconds) => Scenes.SwitchToReadOnlyAsync(apart, TimeSpan.FromSeconds(seconds));
}
