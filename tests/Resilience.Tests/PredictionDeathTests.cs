using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>P2, P11: a prediction by the real command line, killed at each of its crash points, ends in the same files as an undisturbed one.</summary>
public sealed class PredictionDeathTests
{
    private const int Side = 144;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Kill_AtEachPointOfAPrediction_EndsInTheSameFiles_WithoutDoingStripsAgain()
    {
        await using var system = await SystemUnderTest.StartAsync(workers: 0);
        using var folder = new TemporaryFolder();
        using var armed = new TemporaryFolder();
        await using var worker = system.StartWorker(["--slots", "cpu", "--data-dir", system.DataDir], new Dictionary<string, string?> { [CrashPoint.Variable] = armed.Path });
        var trained = (await system.SubmitAsync("trained", epochs: 1, steps: 2, crop: 32))[0];
        await system.SucceededAsync(trained, s_limit);
        WriteScene(folder["before.tif"], 1);
        WriteScene(folder["after.tif"], 2);

        var undisturbed = await PredictAsync(system, folder, trained, "undisturbed");
        Assert.Equal(1, undisturbed.Attempt);
        Assert.Equal(3, (await new StripStore(system.Database).ListAsync(undisturbed.Id, CancellationToken.None)).Count);

        // Twice: a third death would end the run.
        armed.Write(CrashPoints.StripStored, "2");
        armed.Write(CrashPoints.OutputStored, "1");
        var killed = await PredictAsync(system, folder, trained, "killed");
        Assert.Equal((3, 2, 0), (killed.Attempt, killed.Deaths, killed.Errors));
        AssertEqualFiles(folder, "undisturbed", "killed");
        if (Soak.IsOn)
        {
            armed.Write(CrashPoints.StripOffered, "2");
            Assert.Equal(2, (await PredictAsync(system, folder, trained, "offered")).Attempt);
            AssertEqualFiles(folder, "undisturbed", "offered");
        }
        var strips = await new StripStore(system.Database).ListAsync(killed.Id, CancellationToken.None);
        Assert.Equal(["-a1.strip", "-a2.strip", "-a2.strip"], strips.Select(strip => strip.ObjectKey[^9..]));

        // What is left of a run that has ended: its files.
        (await system.CliAsync("checkpoint", "gc", "--grace", "00:00:00")).Succeeded();
        var left = Directory.EnumerateFiles(Path.Combine(system.Store.LocalPath, "runs", $"{killed.Id}"), "*", SearchOption.AllDirectories);
        Assert.Equal(
            ["change-a3.geojson", "change-a3.tif", "overlay-a3.png", "probability-a3.tif"], left.Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
    }

    private static async Task<Run> PredictAsync(SystemUnderTest system, TemporaryFolder folder, Guid trained, string name)
    {
        var ended = (await system.CliAsync(
            "predict", "--checkpoint", $"{trained}", "--before", folder["before.tif"], "--after", folder["after.tif"], "--out", folder[$"{name}-change.tif"],
            "--probability", folder[$"{name}-p.tif"], "--polygons", folder[$"{name}-change.geojson"], "--overlay", folder[$"{name}-overlay.png"], "--tile", "48", "--json")).Succeeded();
        using var json = System.Text.Json.JsonDocument.Parse(ended);
        return await system.FindAsync(json.RootElement.GetProperty("run").GetGuid());
    }

    private static void AssertEqualFiles(TemporaryFolder folder, string one, string other)
    {
        foreach (var file in new[] { "change.tif", "p.tif", "change.geojson", "overlay.png" })
            Assert.Equal(File.ReadAllBytes(folder[$"{one}-{file}"]), File.ReadAllBytes(folder[$"{other}-{file}"]));
    }

    private static void WriteScene(string path, int seed)
    {
        var random = new Random(seed);
        SceneFiles.Write(path, new ImageShape(Side, Side, 3, PixelType.UInt8), (_, row) => random.NextBytes(row), SceneFiles.Utm33);
    }
}
