namespace ChangeDetection.Soak.Tests.Systems;

/// <summary>P1 to P5, P7.</summary>
[Collection(Lanes.Systems)]
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public Task Chaos_OfFourMinutes_AccountsForEveryAcknowledgedRun(int seed) =>
        Resilience.Tests.Chaos.ChaosTests.AccountedAsync(seed, TimeSpan.FromMinutes(4), output);
}
