using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>P2, P11: a prediction by the real command line, killed at each of its crash points, ends in the same files as an undisturbed one.</summary>
public sealed class PredictionDeathTests(PostgresServer postgres)
{
    [Fact]
    public async Task Kill_AtEachPointOfAPrediction_EndsInTheSameFiles_WithoutDoingStripsAgain()
    {
        await using var scene = await PredictionScene.StartAsync(postgres);
        var strips = new StripStore(scene.System.Database);
        var undisturbed = await scene.PredictAsync("undisturbed");
        Assert.Equal(1, undisturbed.Attempt);
        Assert.Equal(3, (await strips.ListAsync(undisturbed.Id, CancellationToken.None)).Count);

        // Twice: a third death would end the run.
        scene.Arm(CrashPoints.StripStored, 2);
        scene.Arm(CrashPoints.OutputStored, 1);
        var killed = await scene.PredictAsync("killed");
        Assert.Equal((3, 2, 0), (killed.Attempt, killed.Deaths, killed.Errors));
        scene.AssertEqualFiles("undisturbed", "killed");
        Assert.Equal(
            ["-a1.strip", "-a2.strip", "-a2.strip"],
            (await strips.ListAsync(killed.Id, CancellationToken.None)).Select(strip => strip.ObjectKey[^9..]));

        // What is left of a run that has ended: its files.
        (await scene.System.CliAsync("checkpoint", "gc", "--grace", "00:00:00")).Succeeded();
        var left = Directory.EnumerateFiles(Path.Combine(scene.System.Store.LocalPath, "runs", $"{killed.Id}"), "*", SearchOption.AllDirectories);
        Assert.Equal(
            ["change-a3.geojson", "change-a3.tif", "overlay-a3.png", "probability-a3.tif"],
            left.Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
    }
}
