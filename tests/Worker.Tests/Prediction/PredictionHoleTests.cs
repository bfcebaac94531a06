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
using ChangeDetection.TestKit.Images;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Training;

namespace ChangeDetection.Worker.Tests.Prediction;

/// <summary>Predictions of scenes whose alpha says that there is nothing.</summary>
[Collection(TorchCollection.Name)]
public sealed class PredictionHoleTests : IDisposable
{
    private const int Width = PredictionScenes.Width, Height = PredictionScenes.Height;

    private readonly TemporaryFolder _folder = new();
    private readonly FileObjectStore _store;

    public PredictionHoleTests() => _store = new FileObjectStore(_folder["store"]);

    public void Dispose() => _folder.Dispose();

    [Theory, InlineData("auto", false), InlineData("mask", false), InlineData("drop", true)]
    public async Task Run_WithAHoleOfAlpha_LeavesItOutOfMapsAndShares(string alpha, bool isShown)
    {
        using var network = Network();
        var link = new RecordingLink();
        var request = await RequestAsync(network) with { Probability = true, Threshold = 0.001, Alpha = alpha };
        var file = WithHole(PredictionScenes.Invented(2, missing: false));
        await File.WriteAllBytesAsync(_folder["after.tif"], file, TestContext.Current.CancellationToken);

        Assert.Equal(TrainerEnd.Succeeded, (await RunAsync(request with { After = Described("after.tif") }, link)).End);

        var (map, found) = (ClassMap.Read(Stored(link, "change.tif")), Probability(link));
        for (var at = 0; at < map.Length; at++)
        {
            var isHole = at / Width < 40 && !isShown;
            Assert.Equal(isHole, map[at] == 255);
            Assert.Equal(isHole, float.IsNaN(found[at]));
        }
        var figures = JsonDocument.Parse(link.Artifacts.Single(one => one.Name == "change.tif").Metrics).RootElement;
        Assert.Equal(Width * (isShown ? Height : Height - 40), figures.GetProperty("valid_pixels").GetDouble());
        Assert.Equal(
            figures.GetProperty("changed_pixels").GetDouble() / figures.GetProperty("valid_pixels").GetDouble(),
            figures.GetProperty("changed_share").GetDouble());
    }

    [Fact]
    public async Task Run_AlphaThatIsMoreThanAMask_IsRefusedWithTheChoices()
    {
        using var network = Network();
        var request = await RequestAsync(network);
        var file = WithHole(PredictionScenes.Invented(2, missing: false), other: 90);
        await File.WriteAllBytesAsync(_folder["after.tif"], file, TestContext.Current.CancellationToken);

        var outcome = await RunAsync(request with { After = Described("after.tif") }, new RecordingLink());

        Assert.Equal((TrainerEnd.Failed, false), (outcome.End, outcome.Retryable));
        Assert.Contains("after.tif: its alpha band holds other values than 0 and its maximum (90)", outcome.Reason, StringComparison.Ordinal);
        Assert.Contains("--alpha band", outcome.Reason, StringComparison.Ordinal);
    }

    private Task<TrainerOutcome> RunAsync(PredictionRequest request, RecordingLink link) => AttemptRunner.RunAsync(new TrainerAssignment
    {
        Run = new("0198c0de-0000-7000-8000-00000000000b"),
        Attempt = 1,
        Kind = RunKind.Predict,
        Prediction = PredictionRequest.FromJson(request.ToJson()),
        Strips = [],
        Store = _store.Root,
        Device = "cpu",
    }, link, CancellationToken.None);

    private async Task<PredictionRequest> RequestAsync(ChangeNetwork network)
    {
        SceneFiles.Write(_folder["before.tif"], PredictionScenes.Invented(1, false), SceneFiles.Utm33);
        return new PredictionRequest
        {
            Checkpoint = await PublishedNetwork.PublishAsync(_store, network, new CheckpointNormalization("unit", null, null)),
            Before = Described("before.tif"),
            After = Described("before.tif"),
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

    private string Stored(RecordingLink link, string name) =>
        _folder[$"store/{link.Artifacts.Single(artifact => artifact.Name == name).ObjectKey}"];

    private float[] Probability(RecordingLink link)
    {
        using var map = RasterFile.Open(Stored(link, "probability.tif"));
        var values = new byte[map.Shape.Bytes];
        map.ReadRows(0, map.Shape.Height, values);
        return MemoryMarshal.Cast<byte, float>(values).ToArray();
    }

    /// <summary>A TIFF of RGB and alpha, which is 0 in the upper forty rows, and below of one value but for one pixel.</summary>
    private static byte[] WithHole(PixelImage image, byte other = 255) => new TiffImage(Width, Height, 4, 8)
    {
        Photometric = 2,
        Extra = [2],
        Values = [.. Enumerable.Range(0, Width * Height * 4).Select(at => (ulong)(
            at % 4 < 3 ? image.Pixels[at / 4 * 3 + at % 4] : at / 4 / Width < 40 ? 0 : at / 4 == Width * Height - 1 ? other : 255))],
    }.Write();

    private static ChangeNetwork Network()
    {
        var network = ModelCatalogue.Create(new ModelConfig(), seed: 4);
        network.eval();
        return network;
    }
}
