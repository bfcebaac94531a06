using ChangeDetection.Resilience.Tests;

namespace ChangeDetection.Soak.Tests.Systems;

/// <summary>P2, P3, P4.</summary>
[Collection(Lanes.Systems)]
public sealed class RandomDeathTests(WholeSystem whole, ITestOutputHelper output)
{
    [Fact]
    public async Task Kill_AtRandomSteps_OverManySeeds_EndsInTheWeightsOfAnUndisturbedRun() =>
        await Resilience.Tests.RandomDeathTests.KillManyAsync(await whole.ReadyAsync(workers: 1), seeds: 80, output);
}
