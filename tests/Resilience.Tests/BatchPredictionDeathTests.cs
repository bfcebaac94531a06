using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>P2, P11: a prediction of many pairs by the real command line, killed in the middle, ends in the same files as an undisturbed one.</summary>
public sealed class BatchPredictionDeathTests(PostgresServer postgres) : IDisposable
{
    private const int Pairs = 50;
    private const int Side = 48;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _armed = new();

    public void Dispose()
    {
        _armed.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Kill_InTheMiddleOf50Pairs_EndsInTheSameFiles_WithoutDoingPairsAgain()
    {
        await using var system = await SystemUnderTest.ServeApartAsync(postgres);
        await using var worker = system.StartWorker(["--slots", "cpu"], new Dictionary<string, string?> { [CrashPoint.Variable] = _armed.Path });
        var trained = (await system.SubmitAsync("trained", epochs: 1, steps: 2))[0];
        await system.SucceededAsync(trained, s_limit);
        WritePairs();

        var undisturbed = await PredictAsync(system, trained, "undisturbed");
        Assert.Equal(1, undisturbed.Attempt);
        // A pair's files are durable and not offered; then the archive of all is, and the summary is not.
        _armed.Write(CrashPoints.StripStored, $"{Pairs / 2}");
        _armed.Write(CrashPoints.OutputStored, "1");
        var killed = await PredictAsync(system, trained, "killed");

        Assert.Equal((3, 2, 0), (killed.Attempt, killed.Deaths, killed.Errors));
        var (expected, found) = (Files("undisturbed"), Files("killed"));
        Assert.Equal(3 * Pairs + 1, expected.Count);
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, file => Assert.Equal(file.Value, found[file.Key]));
        var stored = await new StripStore(system.Database).ListAsync(killed.Id, CancellationToken.None);
        Assert.Equal(
            [.. Enumerable.Repeat(1, Pairs / 2 - 1), .. Enumerable.Repeat(2, Pairs / 2 + 1)],
            stored.Select(pair => RunObject.Parse(new(pair.ObjectKey))!.Attempt));

        // What is left of a run that has ended: its files.
        (await system.CliAsync("checkpoint", "gc", "--grace", "00:00:00")).Succeeded();
        var left = Directory.EnumerateFiles(Path.Combine(system.Store.LocalPath, "runs", $"{killed.Id}"), "*", SearchOption.AllDirectories);
        Assert.Equal(["maps-a3.tar", "summary-a3.csv"], left.Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        await PredictSplitAsync(system, trained);
    }

    /// <summary>The samples of a data set, killed too: by the same command.</summary>
    private async Task PredictSplitAsync(SystemUnderTest system, Guid checkpoint)
    {
        _armed.Write(CrashPoints.StripOffered, "2");
        var ended = (await system.CliAsync(
            "predict", "--dataset", system.Dataset, "--split", "test", "--checkpoint", $"{checkpoint}", "--out", _folder["split"], "--overlay",
            "--json")).Succeeded();
        using var json = JsonDocument.Parse(ended);
        var (pairs, run) = (json.RootElement.GetProperty("pairs").GetInt32(), await system.FindAsync(json.RootElement.GetProperty("run").GetGuid()));
        Assert.Equal((2, 1), (run.Attempt, run.Deaths));
        Assert.Equal(2 * pairs + 1, Files("split").Count);
        Assert.Equal(pairs + 1, File.ReadLines(_folder["split/summary.csv"]).Count());
    }

    private void WritePairs()
    {
        for (var number = 0; number < Pairs; number++)
        {
            foreach (var (folder, seed) in new[] { ("A", 2 * number), ("B", 2 * number + 1), ("label", 0) })
            {
                var path = _folder[$"places/test/{folder}/{number:D2}.tif"];
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                var random = new Random(seed);
                SceneFiles.Write(path, new ImageShape(Side, Side, 3, PixelType.UInt8), (_, row) => random.NextBytes(row), SceneFiles.Utm33);
            }
        }
    }

    private async Task<Run> PredictAsync(SystemUnderTest system, Guid checkpoint, string name)
    {
        var ended = (await system.CliAsync(
            "predict", _folder["places"], "--layout", "ab-label", "--split", "test", "--checkpoint", $"{checkpoint}", "--out", _folder[name],
            "--probability", "--polygons", "--wgs84", "--min-area", "4px", "--json")).Succeeded();
        using var json = JsonDocument.Parse(ended);
        Assert.Equal(Pairs, json.RootElement.GetProperty("pairs").GetInt32());
        return await system.FindAsync(json.RootElement.GetProperty("run").GetGuid());
    }

    private SortedDictionary<string, byte[]> Files(string name) => new(
        Directory.EnumerateFiles(_folder[name], "*", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(_folder[name], file), File.ReadAllBytes), StringComparer.Ordinal);
}
