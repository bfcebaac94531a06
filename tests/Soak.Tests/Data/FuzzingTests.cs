using ChangeDetection.Datasets.Tests.Fuzzing;

namespace ChangeDetection.Soak.Tests.Data;

/// <summary>Other inputs each time.</summary>
[Collection(Lanes.OneThread)]
public sealed class FuzzingTests(ITestOutputHelper output)
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory, MemberData(nameof(Targets))]
    public Task Read_MutatedInputsForHalfAMinute_AreTakenOrRefused(string target) =>
        Datasets.Tests.Fuzzing.FuzzingTests.RunAsync(target, Environment.TickCount, TimeSpan.FromSeconds(30), output);
}
