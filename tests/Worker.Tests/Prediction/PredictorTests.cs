using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Training;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Prediction;

/// <summary>Whole attempts of predict runs, without a worker.</summary>
[Collection(TorchCollection.Name)]
public sealed class PredictorTests : IDisposable
{
    private const int Width = PredictionScenes.Width, Height = PredictionScenes.Height;

    private readonly TemporaryFolder _folder = new();
    private readonly FileObjectStore _store;

    public PredictorTests() => _store = new FileObjectStore(_folder["store"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_OnAGeoTiffWithNoData_WritesMapsOfTheSamePlace_AndLeavesNoDataOut()
    {
        using var network = Network();
        var link = new RecordingLink();

        var outcome = await RunAsync(await RequestAsync(network) with { Probability = true, Polygons = true }, link);

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        Assert.Equal(
            ["change.geojson", "change.tif", "overlay.png", "probability.tif"],
            link.Artifacts.Select(artifact => artifact.Name).Order(StringComparer.Ordinal));
        foreach (var artifact in link.Artifacts)
            Assert.Equal(
                artifact.Sha256,
                Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Stored(artifact), TestContext.Current.CancellationToken))));
        using var probability = RasterFile.Open(Stored(link, "probability.tif"));
        Assert.Equal(SceneFiles.Utm33.Transform, probability.Georeference!.Transform);
        Assert.Equal(32633, probability.Georeference!.Epsg);
        Assert.Equal(double.NaN, probability.NoData);
        var (map, values) = (ClassMap.Read(Stored(link, "change.tif")), new byte[Width * Height * 4]);
        probability.ReadRows(0, Height, values);
        var found = MemoryMarshal.Cast<byte, float>(values).ToArray();
        for (var at = 0; at < map.Length; at++)
        {
            var missing = at % Width >= 60 && at / Width < 20;
            Assert.Equal(missing, map[at] == 255);
            Assert.Equal(missing, float.IsNaN(found[at]));
            if (!missing)
                Assert.Equal(found[at] > 0.5, map[at] == 1);
        }
        Assert.Equal(1, link.Reports[^1].Fraction);
        Assert.Equal((4L, 4L), (link.Reports[^1].Step, link.Reports[^1].TotalSteps));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Run_OnAnImageThatAWorldFilePlaced_WritesMapsOfThatPlace(bool sent)
    {
        using var network = Network();
        var link = new RecordingLink();
        var request = await RequestAsync(network) with { Polygons = true, Probability = true, Threshold = 0.01 };
        SceneFiles.Write(_folder["plain.tif"], PredictionScenes.Invented(1, false));
        var scene = Described("plain.tif") with { GeoTransform = [500_000, 0.5, 0, 5_200_000, 0, -0.5] };
        scene = sent ? await SentAsync(scene) : scene;
        await RunAsync(PredictionRequest.FromJson((request with { Before = scene, After = scene }).ToJson()), link);
        using var map = RasterFile.Open(Stored(link, "probability.tif"));
        Assert.Equal(new AffineTransform(500_000, 0.5, 0, 5_200_000, 0, -0.5), map.Georeference!.Transform);
        Assert.Contains("[[[5000", File.ReadAllText(Stored(link, "change.geojson")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_StoppedAndTakenUp_DoesTheOtherStripsAlone_AndGivesTheSameBits()
    {
        using var network = Network();
        var request = await RequestAsync(network) with { Probability = true };
        var straight = new RecordingLink();
        await RunAsync(request, straight);

        RecordingLink stopped = null!;
        stopped = new RecordingLink { OnStrip = () => { if (stopped.Strips.Count == 2) stopped.Stop(); } };
        Assert.Equal(TrainerEnd.Stopped, (await RunAsync(request, stopped, attempt: 2)).End);
        var resumed = new RecordingLink();
        Assert.Equal(TrainerEnd.Succeeded, (await RunAsync(request, resumed, attempt: 3, stopped.Strips)).End);

        Assert.Equal([0, 1], stopped.Strips.Select(strip => strip.Strip));
        Assert.Equal([2, 3], resumed.Strips.Select(strip => strip.Strip));
        Assert.Empty(resumed.Events);
        foreach (var artifact in straight.Artifacts)
            Assert.Equal(artifact.Sha256, resumed.Artifacts.Single(other => other.Name == artifact.Name).Sha256);
    }

    [Fact]
    public async Task Run_WithADamagedAndALostStrip_MakesThemAgain()
    {
        using var network = Network();
        var request = await RequestAsync(network);
        var straight = new RecordingLink();
        await RunAsync(request, straight);
        using (var file = File.OpenWrite(_folder[$"store/{straight.Strips[1].ObjectKey}"]))
            file.WriteByte(0);
        File.Delete(_folder[$"store/{straight.Strips[3].ObjectKey}"]);

        var again = new RecordingLink();
        Assert.Equal(TrainerEnd.Succeeded, (await RunAsync(request, again, attempt: 2, straight.Strips)).End);

        Assert.Equal([1, 3], again.Strips.Select(strip => strip.Strip));
        Assert.Equal(["strip-lost", "strip-lost"], again.Events.Select(told => told.Type));
        Assert.Equal(straight.Artifacts.Single(one => one.Name == "change.tif").Sha256, again.Artifacts.Single(one => one.Name == "change.tif").Sha256);
    }

    [Fact]
    public async Task Run_AnImageThatIsNotTheOneItWas_IsRefused()
    {
        using var network = Network();
        var request = await RequestAsync(network);
        await File.AppendAllTextAsync(_folder["after.tif"], "more", TestContext.Current.CancellationToken);

        var outcome = await RunAsync(request, new RecordingLink());

        Assert.Equal((TrainerEnd.Failed, false), (outcome.End, outcome.Retryable));
        Assert.Contains("after.tif: it is not the file that the run was queued with", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FromObjectsOfTheStore_GivesTheSame()
    {
        using var network = Network();
        var request = await RequestAsync(network);
        var (local, remote) = (new RecordingLink(), new RecordingLink());
        await RunAsync(request, local);
        await RunAsync(request with { Before = await SentAsync(request.Before!), After = await SentAsync(request.After!) }, remote, attempt: 2);

        Assert.Equal(local.Artifacts.Single(one => one.Name == "change.tif").Sha256, remote.Artifacts.Single(one => one.Name == "change.tif").Sha256);
    }

    [Theory]
    [InlineData("unit")]
    [InlineData("image")]
    [InlineData("dataset")]
    public async Task Run_NormalisesAsTheManifestSays(string kind)
    {
        using var network = Network();
        var normalization = new CheckpointNormalization(kind, kind == "dataset" ? [90, 100, 110] : null, kind == "dataset" ? [50, 60, 70] : null);
        var link = new RecordingLink();
        await RunAsync(await RequestAsync(network, normalization, noData: "") with { Probability = true, Tile = 48 }, link);

        using var unrecorded = no_grad();
        using var scope = NewDisposeScope();
        var expected = network.call(PredictionScenes.Normalised(1, kind), PredictionScenes.Normalised(2, kind)).select(
            1, 1).exp().contiguous().data<float>().ToArray();
        var found = Probability(link);
        Assert.True(expected.Zip(found, (one, other) => Math.Abs(one - other)).Max() < 1e-5);
    }

    [Fact]
    public async Task Run_NetworkOfSeveralKindsOfChange_MapsTheLikeliestKind()
    {
        using var network = Network(classes: 4);
        var (any, most, next, kind) = KindsOfChange(network);
        var threshold = any.Order().ElementAt(any.Length / 2);
        var link = new RecordingLink();

        Assert.Equal(
            TrainerEnd.Succeeded,
            (await RunAsync(await RequestAsync(network, noData: "") with { Probability = true, Polygons = true, Threshold = threshold }, link)).End);

        Assert.True(any.Zip(Probability(link), (one, other) => Math.Abs(one - other)).Max() < 1e-5);
        var map = ClassMap.Read(Stored(link, "change.tif"));
        // But for those that rounding decides about.
        var clear = Enumerable.Range(0, map.Length).Where(at => Math.Abs(any[at] - threshold) > 1e-5 && most[at] - next[at] > 1e-5).ToList();
        Assert.InRange(clear.Count, map.Length * 0.9, map.Length);
        Assert.All(clear, at => Assert.Equal(any[at] > threshold ? kind[at] + 1 : 0, map[at]));
        Assert.Equal(4, clear.Select(at => map[at]).Distinct().Count());
        Assert.Equal(
            map.Count(value => value != 0),
            JsonDocument.Parse(link.Artifacts.Single(one => one.Name == "change.tif").Metrics).RootElement.GetProperty("changed_pixels").GetDouble());
    }

    [Theory]
    [InlineData("even")]
    [InlineData("odd")]
    public async Task Run_GoldenCaseAsFloatTiff_GivesTheReferencesProbabilities(string size)
    {
        var cases = await PredictionScenes.ReadAsync("golden/fc-siam-diff.cases.safetensors");
        var weights = await PredictionScenes.ReadAsync("golden/fc-siam-diff.weights.safetensors");
        using var network = Network();
        var state = network.state_dict();
        foreach (var (name, tensor) in state)
            Tensors.Write(weights[name], tensor);
        var (before, after) = (PredictionScenes.Image(cases[$"{size}.before"]), PredictionScenes.Image(cases[$"{size}.after"]));
        var link = new RecordingLink();

        Assert.Equal(
            TrainerEnd.Succeeded,
            (await RunAsync(
                await RequestAsync(network, new("unit", null, null), "", before, after) with { Probability = true, Tile = 16 }, link)).End);

        var expected = MemoryMarshal.Cast<byte, float>(cases[$"{size}.log_probability"].Bytes.Span)[(before.Shape.Width * before.Shape.Height)..].ToArray();
        var deviation = expected.Zip(Probability(link), (one, other) => Math.Abs(Math.Exp(one) - other)).Max();
        Assert.True(deviation < 1e-4, $"Largest deviation {deviation}.");
    }

    /// <summary>By pixel: the probability of any change, those of the likeliest kind and of the next, and which is the likeliest, from 0 on.</summary>
    /// <remarks>Without a wait in it: whether gradients are recorded is a matter of the thread.</remarks>
    private static (float[] Any, float[] Most, float[] Next, long[] Kind) KindsOfChange(ChangeNetwork network)
    {
        using var unrecorded = no_grad();
        using var scope = NewDisposeScope();
        // Fresh weights prefer one kind everywhere.
        network.state_dict().Values.Last(values => values.shape is [4]).sub_(
            network.call(PredictionScenes.Normalised(1, "unit"), PredictionScenes.Normalised(2, "unit")).mean([0, 2, 3]));
        var changes = network.call(PredictionScenes.Normalised(1, "unit"), PredictionScenes.Normalised(2, "unit")).exp().narrow(1, 1, 3);
        var (likeliest, kinds) = changes.topk(2, 1);
        return (Values(changes.sum(1)), Values(likeliest.select(1, 0)), Values(likeliest.select(1, 1)), kinds.select(1, 0).contiguous().data<long>().ToArray());

        static float[] Values(Tensor plane) => plane.contiguous().data<float>().ToArray();
    }

    private float[] Probability(RecordingLink link)
    {
        using var map = RasterFile.Open(Stored(link, "probability.tif"));
        var values = new byte[map.Shape.Bytes];
        map.ReadRows(0, map.Shape.Height, values);
        return MemoryMarshal.Cast<byte, float>(values).ToArray();
    }

    private Task<TrainerOutcome> RunAsync(PredictionRequest request, RecordingLink link, int attempt = 1, IReadOnlyList<StoredStrip>? strips = null) =>
        AttemptRunner.RunAsync(new TrainerAssignment
        {
            Run = s_run,
            Attempt = attempt,
            Kind = RunKind.Predict,
            Prediction = PredictionRequest.FromJson(request.ToJson()),
            Strips = strips ?? [],
            Store = _store.Root,
            Device = "cpu",
        }, link, CancellationToken.None);

    private static readonly Guid s_run = new("0198c0de-0000-7000-8000-00000000000a");

    /// <summary>Four strips of 32 rows, and a corner of the later date without data.</summary>
    private async Task<PredictionRequest> RequestAsync(
        ChangeNetwork network, CheckpointNormalization? normalization = null, string noData = "0", PixelImage? before = null, PixelImage? after = null)
    {
        SceneFiles.Write(_folder["before.tif"], before ?? PredictionScenes.Invented(1, false), SceneFiles.Utm33);
        SceneFiles.Write(_folder["after.tif"], after ?? PredictionScenes.Invented(2, noData.Length > 0), SceneFiles.Utm33, noData);
        return new PredictionRequest
        {
            Checkpoint = await PublishedNetwork.PublishAsync(_store, network, normalization ?? new CheckpointNormalization("unit", null, null)),
            Before = Described("before.tif"),
            After = Described("after.tif"),
            Tile = 32,
            Resources = new ResourcesConfig { Threads = 1 },
        };
    }

    private SceneInput Described(string name) => new()
    {
        Name = name,
        File = _folder[name],
        Bytes = new FileInfo(_folder[name]).Length,
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_folder[name]))),
    };

    private async Task<SceneInput> SentAsync(SceneInput input)
    {
        var key = RunObject.Input(s_run, Path.GetFileNameWithoutExtension(input.Name));
        await _store.PutAsync(key, (stream, token) => stream.WriteAsync(File.ReadAllBytes(input.File!), token).AsTask(), CancellationToken.None);
        return input with { File = null, Key = key.Value };
    }

    private string Stored(RecordingLink link, string name) => Stored(link.Artifacts.Single(artifact => artifact.Name == name));

    private string Stored(ArtifactRecord artifact) => _folder[$"store/{artifact.ObjectKey}"];

    private static ChangeNetwork Network(int classes = 2)
    {
        var network = ModelCatalogue.Create(new ModelConfig { Classes = classes }, seed: 4);
        network.eval();
        return network;
    }
}
