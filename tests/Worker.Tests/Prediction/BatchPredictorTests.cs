using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Data;
using ChangeDetection.Worker.Tests.Training;

namespace ChangeDetection.Worker.Tests.Prediction;

/// <summary>Whole attempts of predict runs on many pairs, without a worker.</summary>
[Collection(TorchCollection.Name)]
public sealed class BatchPredictorTests : IDisposable
{
    private const int Pairs = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly FileObjectStore _store;
    private readonly ChangeNetwork _network = ModelCatalogue.Create(new ModelConfig(), seed: 4);

    public BatchPredictorTests()
    {
        _store = new FileObjectStore(_folder["store"]);
        _network.eval();
    }

    public void Dispose()
    {
        _network.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Run_OnPairsOfFiles_MakesOfEachWhatAPredictionOfItAloneMakes()
    {
        var request = await OfFilesAsync();
        var link = new RecordingLink();

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), await RunAsync(request, link));

        var maps = Maps(link);
        Assert.Equal(3 * Pairs, maps.Count);
        for (var number = 0; number < Pairs; number++)
        {
            var alone = new RecordingLink();
            var pair = request.Batch!.Pairs![number];
            await RunAsync(request with { Batch = null, Before = pair.Before, After = pair.After }, alone, attempt: 100 + number);
            foreach (var output in (PredictionOutput[])[PredictionOutputs.Classes, PredictionOutputs.Probability, PredictionOutputs.Polygons])
                Assert.Equal(Hash(Stored(alone, output.Name)), Hash(maps[BatchFiles.Path(output, pair.Name)]));
        }
        var lines = Summary(link);
        Assert.Equal("pair,changed_pixels,valid_pixels,changed_share,changed_area_m2,area", lines[0]);
        Assert.Equal(Pairs + 1, lines.Count);
        var first = lines[1].Split(',');
        Assert.Equal(("place/0", "geodesic"), (first[0], first[5]));
        // 100 km from the central meridian, 10 m a pixel.
        var (changed, area) = (double.Parse(first[1], CultureInfo.InvariantCulture), double.Parse(first[4], CultureInfo.InvariantCulture));
        Assert.InRange(area / changed / 100, 1.0005, 1.0007);
        Assert.Equal((1.0, (long)Pairs, (long)Pairs), (link.Reports[^1].Fraction, link.Reports[^1].Step, link.Reports[^1].TotalSteps));
    }

    [Fact]
    public async Task Run_StoppedAndTakenUp_DoesTheOtherPairsAlone_AndGivesTheSameBytes()
    {
        var request = await OfFilesAsync();
        var straight = new RecordingLink();
        await RunAsync(request, straight);

        RecordingLink stopped = null!;
        stopped = new RecordingLink { OnStrip = () => { if (stopped.Strips.Count == 2) stopped.Stop(); } };
        Assert.Equal(TrainerEnd.Stopped, (await RunAsync(request, stopped, attempt: 2)).End);
        File.Delete(_folder[$"store/{stopped.Strips[0].ObjectKey}"]);
        var resumed = new RecordingLink();
        Assert.Equal(TrainerEnd.Succeeded, (await RunAsync(request, resumed, attempt: 3, stopped.Strips)).End);

        Assert.Equal([0, 1], stopped.Strips.Select(pair => pair.Strip));
        Assert.Equal([0, 2, 3, 4], resumed.Strips.Select(pair => pair.Strip));
        Assert.Equal("strip-lost", Assert.Single(resumed.Events).Type);
        foreach (var artifact in straight.Artifacts)
            Assert.Equal(artifact.Sha256, resumed.Artifacts.Single(other => other.Name == artifact.Name).Sha256);
    }

    [Fact]
    public async Task Run_OnASplit_PredictsItsSamples_AsTheirImagesAloneWouldBe()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 3, ["test"] = 9 }, shardBytes: 30_000);
        var opened = await ShardDataset.OpenAsync(dataset.Store, CancellationToken.None);
        Assert.True(opened.Manifest.Splits["test"].Shards.Count > 1);
        var input = new DatasetSplitInput { Uri = dataset.Store.Root, ManifestSha256 = opened.ManifestSha256, Split = "test", Samples = 9 };
        var request = await RequestAsync() with { Batch = new() { Name = "test", Dataset = input, Overlay = true } };
        var link = new RecordingLink();

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), await RunAsync(request, link));

        var maps = Maps(link);
        Assert.Equal(9, maps.Keys.Count(path => path.StartsWith("overlay/", StringComparison.Ordinal)));
        Assert.EndsWith(",,", Summary(link)[1], StringComparison.Ordinal);
        var (index, last) = (await opened.ReadIndexAsync(opened.Manifest.Splits["test"].Shards[^1], CancellationToken.None), "test_008");
        foreach (var date in (string[])[SampleFields.Before, SampleFields.After])
        {
            var field = await opened.ReadFieldAsync(index, index.Count - 1, index.Find(index.Count - 1, date)!.Value, CancellationToken.None);
            await File.WriteAllBytesAsync(_folder[$"{date}.png"], field, TestContext.Current.CancellationToken);
        }
        var alone = new RecordingLink();
        await RunAsync(request with { Batch = null, Before = Described("before.png"), After = Described("after.png") }, alone, attempt: 2);
        Assert.Equal(Hash(Stored(alone, PredictionOutputs.Classes.Name)), Hash(maps[$"change/{last}.tif"]));
        Assert.Equal(Hash(Stored(alone, PredictionOutputs.Overlay.Name)), Hash(maps[$"overlay/{last}.png"]));

        // Another data set in its place.
        var other = new RecordingLink();
        var outcome = await RunAsync(request with { Batch = request.Batch! with { Dataset = input with { ManifestSha256 = "0" } } }, other, attempt: 3);
        Assert.Equal((TrainerEnd.Failed, false), (outcome.End, outcome.Retryable));
        Assert.Contains("is another one than the run was queued with", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithALeastArea_LeavesSmallerPolygonsOut_AndKeepsTheirPixels()
    {
        var request = await OfFilesAsync() with { Threshold = 0.5 };
        var (all, some) = (new RecordingLink(), new RecordingLink());
        await RunAsync(request, all);

        Assert.Equal(TrainerEnd.Succeeded, (await RunAsync(request with { MinArea = "3px", Wgs84 = true }, some, attempt: 2)).End);

        var (before, after) = (Maps(all), Maps(some));
        Assert.Equal(Hash(before["change/place/0.tif"]), Hash(after["change/place/0.tif"]));
        Assert.Equal(Summary(all), Summary(some));
        var text = System.Text.Encoding.UTF8.GetString(after["polygons/place/0.geojson"]);
        Assert.DoesNotContain("\"pixels\":1,", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"pixels\":2,", text, StringComparison.Ordinal);
        Assert.DoesNotContain("crs", text, StringComparison.Ordinal);
    }

    private async Task<PredictionRequest> OfFilesAsync()
    {
        for (var number = 0; number < Pairs; number++)
        {
            SceneFiles.Write(_folder[$"{number}-a.tif"], Image(2 * number, 48 + 16 * number), SceneFiles.Utm33);
            SceneFiles.Write(_folder[$"{number}-b.tif"], Image(2 * number + 1, 48 + 16 * number), SceneFiles.Utm33);
        }
        var pairs = Enumerable.Range(0, Pairs).Select(number => new PairInput
        {
            Name = $"place/{number}", Before = Described($"{number}-a.tif"), After = Described($"{number}-b.tif"),
        });
        return await RequestAsync() with
        {
            Batch = new() { Name = "files", Pairs = [.. pairs] }, Probability = true, Polygons = true,
        };
    }

    private async Task<PredictionRequest> RequestAsync() => new()
    {
        Checkpoint = await PublishedNetwork.PublishAsync(_store, _network, new CheckpointNormalization("unit", null, null)),
        Tile = 32,
        Resources = new ResourcesConfig { Threads = 1 },
    };

    private Task<TrainerOutcome> RunAsync(PredictionRequest request, RecordingLink link, int attempt = 1, IReadOnlyList<StoredStrip>? pairs = null) =>
        AttemptRunner.RunAsync(new TrainerAssignment
        {
            Run = new("0198c0de-0000-7000-8000-00000000000c"),
            Attempt = attempt,
            Kind = RunKind.Predict,
            Prediction = PredictionRequest.FromJson(request.ToJson()),
            Strips = pairs ?? [],
            Store = _store.Root,
            Device = "cpu",
        }, link, CancellationToken.None);

    private static PixelImage Image(int seed, int width)
    {
        var shape = new ImageShape(width, 40, 3, PixelType.UInt8);
        var pixels = new byte[shape.Bytes];
        new Random(seed).NextBytes(pixels);
        return new(shape, pixels);
    }

    private SceneInput Described(string name) => new()
    {
        Name = name,
        File = _folder[name],
        Bytes = new FileInfo(_folder[name]).Length,
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_folder[name]))),
    };

    private byte[] Stored(RecordingLink link, string name) =>
        File.ReadAllBytes(_folder[$"store/{link.Artifacts.Single(artifact => artifact.Name == name).ObjectKey}"]);

    private List<string> Summary(RecordingLink link) =>
        [.. System.Text.Encoding.UTF8.GetString(Stored(link, BatchFiles.Summary)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)];

    private Dictionary<string, byte[]> Maps(RecordingLink link)
    {
        using var tar = new TarReader(new MemoryStream(Stored(link, PredictionOutputs.Maps.Name)));
        var files = new Dictionary<string, byte[]>();
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream!.CopyTo(content);
            files.Add(entry.Name, content.ToArray());
        }
        return files;
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
