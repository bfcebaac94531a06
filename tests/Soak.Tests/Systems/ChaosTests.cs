using ChangeDetection.Resilience.Tests;
using Chaos = ChangeDetection.Resilience.Tests.Chaos.ChaosTests;

namespace ChangeDetection.Soak.Tests.Systems;

/// <summary>P1 to P5, P7.</summary>
[Collection(Lanes.Systems)]
public sealed class ChaosTests(WholeSystem whole, ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Chaos_OfFourMinutes_AccountsForEveryAcknowledgedRun(int seed) =>
        await Chaos.AccountedAsync(await whole.ReadyAsync(Chaos.Workers), seed, TimeSpan.FromMinutes(4), output);
}
