using ChangeDetection.TestKit;

namespace ChangeDetection.Soak.Tests.Systems;

/// <summary>P12.</summary>
[Collection(Lanes.Systems)]
public sealed class FaultyMachineTests(PostgresServer postgres)
{
    [Fact]
    public async Task TwoFaultyMachines_BesideASoundOne_CostNoneOfTwentyRunsAnything() =>
        await Resilience.Tests.FaultyMachineTests.PlayAsync(postgres, runs: 20);
}
