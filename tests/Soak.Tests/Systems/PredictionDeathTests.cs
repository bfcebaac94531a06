using ChangeDetection.Core.Hosting;
using ChangeDetection.Resilience.Tests;
using ChangeDetection.TestKit;

namespace ChangeDetection.Soak.Tests.Systems;

/// <summary>P2, P11: the one point that the others imply.</summary>
[Collection(Lanes.Systems)]
public sealed class PredictionDeathTests(PostgresServer postgres)
{
    [Fact]
    public async Task Kill_WhenAStripIsOffered_EndsInTheSameFiles()
    {
        await using var scene = await PredictionScene.StartAsync(postgres);
        await scene.PredictAsync("undisturbed");
        scene.Arm(CrashPoints.StripOffered, 2);
        Assert.Equal(2, (await scene.PredictAsync("offered")).Attempt);
        scene.AssertEqualFiles("undisturbed", "offered");
    }
}
