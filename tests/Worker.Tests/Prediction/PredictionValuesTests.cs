using System.Runtime.InteropServices;
using System.Security.Cryptography;
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

/// <summary>What the values of a scene mean to a prediction: whole attempts, without a worker.</summary>
[Collection(TorchCollection.Name)]
public sealed class PredictionValuesTests : IDisposable
{
    private const int Side = 48, Hole = 20;
    private const float Nothing = -9999;

    private static readonly CheckpointPixels s_bytes = new("uint8", null);

    private readonly TemporaryFolder _folder = new();
    private readonly FileObjectStore _store;
    private readonly ChangeNetwork _network = ModelCatalogue.Create(new ModelConfig(), seed: 4);
    private int _attempt;

    public PredictionValuesTests() => _store = new FileObjectStore(_folder["store"]);

    public void Dispose()
    {
        _network.Dispose();
        _folder.Dispose();
    }

    /// <summary>The ways in which a file can say that there is no pixel are one to the network, to the last bit of both maps.</summary>
    [Fact]
    public async Task Run_AHoleToldInAnyWay_GivesTheSameMaps()
    {
        var (before, after) = (Values(1), Values(2));
        Write("before.tif", before);
        var ways = new Dictionary<string, (TiffImage Image, double? NoData)>
        {
            ["tag"] = (Floats(WithHole(after, Nothing)) with { NoData = "-9999" }, null),
            ["nan"] = (Floats(WithHole(after, float.NaN)), null),
            ["alpha"] = (WithAlpha(after), null),
            ["mask"] = (Floats(after) with { Next = Mask() }, null),
            ["option"] = (Floats(WithHole(after, Nothing)), Nothing),
        };
        var maps = new Dictionary<string, (string, string)>();

        foreach (var (way, (image, noData)) in ways)
        {
            await File.WriteAllBytesAsync(_folder["after.tif"], image.Write(), TestContext.Current.CancellationToken);
            var link = await SucceedAsync(await RequestAsync() with { NoData = noData });
            maps[way] = (Hash(link, PredictionOutputs.Classes), Hash(link, PredictionOutputs.Probability));
        }

        Assert.Single(maps.Values.Distinct());
        await File.WriteAllBytesAsync(_folder["after.tif"], Floats(after).Write(), TestContext.Current.CancellationToken);
        Assert.NotEqual(maps["tag"].Item1, Hash(await SucceedAsync(await RequestAsync()), PredictionOutputs.Classes));
    }

    [Fact]
    public async Task Run_Rescaled_GivesTheMapsOfTheSceneInTheTrainedValues()
    {
        WriteScene("before.tif", 1, factor: 1, PixelType.UInt8);
        WriteScene("after.tif", 2, factor: 1, PixelType.UInt8);
        var expected = await SucceedAsync(await RequestAsync(s_bytes));
        WriteScene("before.tif", 1, factor: 40, PixelType.UInt16);
        WriteScene("after.tif", 2, factor: 40, PixelType.UInt16);

        var found = await SucceedAsync(await RequestAsync(s_bytes) with { Rescale = "0..10200=0..255" });

        foreach (var output in (PredictionOutput[])[PredictionOutputs.Classes, PredictionOutputs.Probability, PredictionOutputs.Overlay])
            Assert.Equal(Hash(expected, output), Hash(found, output));
        Assert.Contains("0..10200=0..255", Assert.Single(found.Events, one => one.Type == "rescaled").Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(expected.Events, one => one.Type == "rescaled");
    }

    [Fact]
    public async Task Run_ByImageNetsFigures_GivesTheMapsOfThoseFiguresOfStoredValues_AndWhatCannotBeFiguresIsRefused()
    {
        WriteScene("before.tif", 1, factor: 1, PixelType.UInt8);
        WriteScene("after.tif", 2, factor: 1, PixelType.UInt8);
        var figures = Normalization.ImageNet.Figures!;
        var stored = new CheckpointNormalization("dataset", [.. figures.Mean.Select(mean => mean * 255)], [.. figures.Deviation.Select(value => value * 255)]);

        var expected = await SucceedAsync(await RequestAsync(normalization: stored));
        var found = await SucceedAsync(await RequestAsync(normalization: CheckpointNormalization.Of(Normalization.ImageNet, null, null)));
        var refused = await RunAsync(await RequestAsync(normalization: stored with { Kind = "given" }), new RecordingLink());
        var unknown = await RunAsync(await RequestAsync(normalization: stored with { Kind = "median" }), new RecordingLink());

        Assert.Equal(Hash(expected, PredictionOutputs.Probability), Hash(found, PredictionOutputs.Probability));
        Assert.NotEqual(Hash(expected, PredictionOutputs.Probability), Hash(await SucceedAsync(await RequestAsync()), PredictionOutputs.Probability));
        Assert.Equal((TrainerEnd.Failed, false), (refused.End, refused.Retryable));
        Assert.Contains("divided by 255", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("its normalization 'median' is not one that is known here", unknown.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SceneOfAnotherType_IsRefused_AndWithoutATypeToMapOntoSoIsRescaling()
    {
        WriteScene("before.tif", 1, factor: 40, PixelType.UInt16);
        WriteScene("after.tif", 2, factor: 40, PixelType.UInt16);

        var other = await RunAsync(await RequestAsync(s_bytes), new RecordingLink());
        var unknown = await RunAsync(await RequestAsync() with { Rescale = "0..10200=0..255" }, new RecordingLink());

        Assert.Equal((TrainerEnd.Failed, false), (other.End, other.Retryable));
        Assert.Contains("of the type uint16, and the network (fc-siam-diff) was trained on uint8. Say with --rescale", other.Reason, StringComparison.Ordinal);
        Assert.Contains("the checkpoint (fc-siam-diff) does not say of what type they were", unknown.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_QueuedWithAWarning_SaysItAmongItsEvents()
    {
        WriteScene("before.tif", 1, factor: 1, PixelType.UInt8);
        WriteScene("after.tif", 2, factor: 1, PixelType.UInt8);

        var link = await SucceedAsync(await RequestAsync() with { Warnings = ["after.tif: odd"] });

        Assert.Equal(("values-far-off", "after.tif: odd"), Assert.Single(link.Events));
    }

    [Fact]
    public async Task Run_OnTheSceneWithAHoleOfAlpha_FindsNothingInIt()
    {
        var folder = Repository.SharedOrSkip("cases/predict-alpha");
        File.Copy(Path.Combine(folder, "alphaA_a.tif"), _folder["before.tif"]);
        File.Copy(Path.Combine(folder, "alphaA_b.tif"), _folder["after.tif"]);

        var link = await SucceedAsync(await RequestAsync() with { Threshold = 0.001 });

        using var after = RasterFile.Open(_folder["after.tif"]);
        var map = ClassMap.Read(Stored(link, PredictionOutputs.Classes));
        Assert.All(Enumerable.Range(0, map.Length), at => Assert.Equal(at / after.Shape.Width < 40, map[at] == 255));
    }

    private async Task<RecordingLink> SucceedAsync(PredictionRequest request)
    {
        var link = new RecordingLink();
        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), await RunAsync(request, link));
        return link;
    }

    private Task<TrainerOutcome> RunAsync(PredictionRequest request, RecordingLink link) => AttemptRunner.RunAsync(new TrainerAssignment
    {
        Run = new("0198c0de-0000-7000-8000-00000000000b"),
        Attempt = ++_attempt,
        Kind = RunKind.Predict,
        Prediction = PredictionRequest.FromJson(request.ToJson()),
        Strips = [],
        Store = _store.Root,
        Device = "cpu",
    }, link, CancellationToken.None);

    private async Task<PredictionRequest> RequestAsync(CheckpointPixels? pixels = null, CheckpointNormalization? normalization = null) => new()
    {
        Checkpoint = await PublishedNetwork.PublishAsync(
            _store, _network, normalization ?? new CheckpointNormalization("dataset", [90, 100, 110], [50, 60, 70]), pixels),
        Before = Described("before.tif"),
        After = Described("after.tif"),
        Probability = true,
        Resources = new ResourcesConfig { Threads = 1 },
    };

    private SceneInput Described(string name) => new()
    {
        Name = name,
        File = _folder[name],
        Bytes = new FileInfo(_folder[name]).Length,
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_folder[name]))),
    };

    private static string Hash(RecordingLink link, PredictionOutput output) => link.Artifacts.Single(artifact => artifact.Name == output.Name).Sha256;

    private string Stored(RecordingLink link, PredictionOutput output) =>
        _folder[$"store/{link.Artifacts.Single(artifact => artifact.Name == output.Name).ObjectKey}"];

    private void WriteScene(string name, int seed, int factor, PixelType type)
    {
        var values = Values(seed);
        byte[] pixels = type == PixelType.UInt8
            ? [.. values.Select(value => (byte)(value * factor))]
            : MemoryMarshal.AsBytes<ushort>(values.Select(value => (ushort)(value * factor)).ToArray()).ToArray();
        SceneFiles.Write(_folder[name], new PixelImage(new ImageShape(Side, Side, 3, type), pixels));
    }

    private void Write(string name, float[] values) => File.WriteAllBytes(_folder[name], Floats(values).Write());

    private static float[] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Side * Side * 3).Select(_ => (float)random.Next(1, 256))];
    }

    private static bool IsHole(int pixel) => pixel / Side < Hole && pixel % Side < Hole;

    private static float[] WithHole(float[] values, float nothing) => [.. values.Select((value, at) => IsHole(at / 3) ? nothing : value)];

    private static TiffImage Floats(float[] values) => new(Side, Side, 3, 32)
    {
        Format = 3,
        Photometric = 2,
        Values = [.. values.Select(value => (ulong)BitConverter.SingleToUInt32Bits(value))],
    };

    private static TiffImage WithAlpha(float[] values) => new(Side, Side, 4, 32)
    {
        Format = 3,
        Photometric = 2,
        Extra = [2],
        Values = [.. Enumerable.Range(0, Side * Side * 4).Select(at => (ulong)BitConverter.SingleToUInt32Bits(
            at % 4 < 3 ? values[at / 4 * 3 + at % 4] : IsHole(at / 4) ? 0 : 1))],
    };

    /// <summary>An internal mask, as GDAL writes one of 8 bits.</summary>
    private static TiffImage Mask() => new(Side, Side, 1, 8)
    {
        Photometric = 4,
        SubfileType = 4,
        Values = [.. Enumerable.Range(0, Side * Side).Select(at => IsHole(at) ? 0UL : 255)],
    };
}
