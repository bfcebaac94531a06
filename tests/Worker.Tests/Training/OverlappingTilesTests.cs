using System.Text;
using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Data;
using ChangeDetection.Worker.Training;
using ChangeDetection.Worker.Training.Losses;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>Scores of splits whose tiles overlap, against a recount in which the first tile that has a pixel decides.</summary>
[Collection(TorchCollection.Name)]
public sealed class OverlappingTilesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Score_IsThatOfEachPixelInItsFirstTile()
    {
        using var dataset = await TiledDataset.PackAsync(stride: 5);
        using var loader = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        using var network = ModelCatalogue.Create(dataset.Config().Model, seed: 3);
        network.eval();
        var device = ComputeDevice.Open("cpu", threads: 1, Determinism.On);
        var loss = LossCatalogue.Create(new LossConfig { ClassWeights = new GivenClassWeights(new ClassWeights(1, 1)) }, 0.5);
        var score = new SplitScore(network, loss, device);
        var seen = new HashSet<(char Scene, int Pixel)>();
        var (expected, sum, ignored) = (new long[4], 0.0, 0L);
        var guesses = new Dictionary<(char Scene, int Pixel), bool>();
        var disagreeing = 0;

        await foreach (var batch in loader.ReadSplitAsync("test", 4, Token))
        {
            using (batch)
            {
                score.Add(batch);
                foreach (var (label, at, unchanged, changed) in Outputs(dataset, network, device, batch))
                {
                    if (!seen.Add(at))
                    {
                        disagreeing += guesses[at] != changed > unchanged ? 1 : 0;
                        continue;
                    }
                    guesses[at] = changed > unchanged;
                    if (label == MaskReader.Ignored)
                    {
                        ignored++;
                        continue;
                    }
                    expected[2 * label + (guesses[at] ? 1 : 0)]++;
                    sum -= label == 1 ? changed : unchanged;
                }
            }
        }

        Assert.True(disagreeing > 0, "No pixel was predicted otherwise in another tile, so the order of tiles was not seen.");
        Assert.Equal(expected, Enumerable.Range(0, 4).Select(at => score.Matrix[at / 2, at % 2]));
        Assert.Equal(2 * 41 * 37, expected.Sum() + ignored);
        Assert.Equal(ignored, score.Ignored);
        Assert.Equal(sum / expected.Sum(), score.Loss, 1e-6);
    }

    [Fact]
    public async Task Report_SaysHowManyPixelsWereRepeated_AndCountsEachOnce()
    {
        using var dataset = await TiledDataset.PackAsync(stride: 5);
        var (report, page) = await EvaluateAsync(dataset);
        var split = report.GetProperty("split");
        var labelled = dataset.Count("test", label => label != MaskReader.Ignored);
        Assert.Equal(labelled, split.GetProperty("pixels").GetInt64());
        Assert.Equal(dataset.Count("test", label => label == MaskReader.Ignored), split.GetProperty("ignored_pixels").GetInt64());
        var repeated = split.GetProperty("repeated_pixels").GetInt64();
        Assert.Equal(split.GetProperty("samples").GetInt32() * 16 * 16 - 2 * 41 * 37, repeated);
        Assert.Equal(
            [dataset.Count("test", label => label == 0), dataset.Count("test", label => label == 1)],
            report.GetProperty("confusion").EnumerateArray().Select(row => row.EnumerateArray().Sum(cell => cell.GetInt64())));
        Assert.Equal(labelled, report.GetProperty("calibration").GetProperty("bins").EnumerateArray().Sum(bin => bin.GetProperty("pixels").GetInt64()));
        Assert.Contains(FormattableString.Invariant($"{repeated} pixels lie in several tiles"), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReportOfTilesSideBySide_SaysNothingOfIt()
    {
        using var dataset = await TiledDataset.PackAsync(TiledDataset.Size, width: 48, height: 32);
        var (report, page) = await EvaluateAsync(dataset);
        Assert.False(report.GetProperty("split").TryGetProperty("repeated_pixels", out _));
        Assert.DoesNotContain("several tiles", page, StringComparison.Ordinal);
    }

    /// <summary>Each pixel of a batch: its label in the scene, its place, and the log-probabilities that this tile gives it.</summary>
    private static IEnumerable<(byte Label, (char Scene, int Pixel) At, float Unchanged, float Changed)> Outputs(
        TiledDataset dataset, ChangeNetwork network, ComputeDevice device, Batch batch)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var (before, after, _, _) = device.Upload(batch);
        var output = network.call(before, after).contiguous().data<float>().ToArray();
        var size = batch.Height * batch.Width;
        var pixels = batch.Keys.SelectMany((key, row) => dataset.Pixels(key).Zip(dataset.MaskOf("test", key)).Select((pixel, at) =>
            (pixel.Second, (key[0], pixel.First), output[2 * row * size + at], output[(2 * row + 1) * size + at])));
        return [.. pixels];
    }

    private static async Task<(JsonElement Report, string Page)> EvaluateAsync(TiledDataset dataset)
    {
        using var folder = new TemporaryFolder();
        var config = dataset.Config(cache: DecodedCacheKind.Memory);
        config = config with { Train = config.Train with { Epochs = 2 } };
        var training = new RecordingLink();
        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), await AttemptRunner.RunAsync(Assignment(folder, config, RunKind.Train), training, Token));
        var losses = training.Points.Where(point => point.Name == "val/loss").Select(point => point.Value).ToList();
        Assert.Equal(2, losses.Count);
        var link = new RecordingLink();
        var assignment = Assignment(folder, config, RunKind.Evaluate) with { Checkpoints = training.NewestFirst };
        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), await AttemptRunner.RunAsync(assignment, link, Token));
        async Task<byte[]> ReadAsync(string name) =>
            await File.ReadAllBytesAsync(folder[link.Artifacts.Single(artifact => artifact.Name == name).ObjectKey], Token);
        using var report = JsonDocument.Parse(await ReadAsync(RunObject.ReportJson));
        return (report.RootElement.Clone(), Encoding.UTF8.GetString(await ReadAsync(RunObject.ReportPage)));
    }

    private static TrainerAssignment Assignment(TemporaryFolder folder, ExperimentConfig config, RunKind kind) => new()
    {
        Run = new Guid("0198c0de-0000-7000-8000-000000000004"),
        Attempt = 1,
        Kind = kind,
        Config = config,
        Store = new Uri(folder.Path),
        Device = "cpu",
    };
}
