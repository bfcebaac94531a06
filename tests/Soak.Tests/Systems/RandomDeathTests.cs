namespace ChangeDetection.Soak.Tests.Systems;

/// <summary>P2, P3, P4.</summary>
[Collection(Lanes.Systems)]
public sealed class RandomDeathTests(ITestOutputHelper output)
{
    [Fact]
    public Task Kill_AtRandomSteps_OverManySeeds_EndsInTheWeightsOfAnUndisturbedRun() => Resilience.Tests.RandomDeathTests.KillManyAsync(seeds: 100, output);
}
