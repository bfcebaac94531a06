using ChangeDetection.Configuration;
using ChangeDetection.Geo;
using ChangeDetection.Images;
using ChangeDetection.Shards;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Data;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Prediction;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Prediction;

[Collection(TorchCollection.Name)]
public sealed class TilingTests : IDisposable
{
    private const int Width = 331, Height = 277;

    private readonly TemporaryFolder _folder = new();
    private readonly ComputeDevice _device = ComputeDevice.Open("cpu", 1, Determinism.On);

    public TilingTests()
    {
        SceneFiles.Write(_folder["before.tif"], Invented(1));
        SceneFiles.Write(_folder["after.tif"], Invented(2));
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Finite => [.. ModelCatalogue.Entries.Where(entry => entry.Field is not null).Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Finite))]
    public void Predict_FiniteField_IsOnePassWhateverTheTile(string name)
    {
        using var network = Network(name);
        var whole = OnePass(network);

        foreach (var tile in new[] { 32, 80, 144, 4096 })
        {
            var deviation = Deviation(whole, Tiled(network, ModelCatalogue.Find(name).Field, tile));
            Assert.True(deviation < 1e-5, $"{name}, tiles of {tile}: {deviation}");
        }
    }

    [Fact]
    public void Predict_FcSiamDiff_WithAHaloOfHalfTheField_WouldNotBe()
    {
        // What the test above shows is not for nothing: the field is not symmetric.
        using var network = Network(ModelNames.FcSiamDiff);

        Assert.True(Deviation(OnePass(network), Tiled(network, new ReceptiveField(48, 48), 80)) > 1e-5);
    }

    [Fact]
    public void Predict_GlobalContext_IsOnePassInOneWindow_AndNearItInSeveral()
    {
        using var network = Network(ModelNames.SnUNet);
        var whole = OnePass(network);

        Assert.True(Deviation(whole, Tiled(network, null, 512)) < 1e-5);
        var apart = Deviation(whole, Tiled(network, null, 128));
        TestContext.Current.SendDiagnosticMessage($"snunet, windows of 128 blended: at most {apart:0.0000} from one pass");
        Assert.InRange(apart, 0, 0.5);
    }

    [Fact]
    public void Predict_GlobalContext_TakenUpAtAnyStrip_GivesTheSameBits()
    {
        using var network = Network(ModelNames.SnUNet);
        using var scene = Open();
        var straight = scene.Tiling(network, null, 96);
        var strips = straight.Strips.Select((strip, number) => Predict(straight, number)).ToList();

        for (var begin = 1; begin < strips.Count; begin++)
        {
            using var again = Open();
            Assert.Equal(strips[begin], Predict(again.Tiling(network, null, 96), begin));
        }
    }

    private static float[] Predict(ITiling tiling, int strip)
    {
        var probability = new float[tiling.Strips[strip].Count * Width];
        tiling.Predict(strip, probability, () => { });
        return probability;
    }

    private float[] Tiled(ChangeNetwork network, ReceptiveField? field, int tile)
    {
        using var scene = Open();
        var tiling = scene.Tiling(network, field, tile);
        Assert.Equal(Height, tiling.Strips.Sum(strip => strip.Count));
        return [.. tiling.Strips.SelectMany((_, number) => Predict(tiling, number))];
    }

    /// <summary>All of the scene at once, by the network alone.</summary>
    private float[] OnePass(ChangeNetwork network)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var (before, after) = (Values(1), Values(2));
        return network.call(_device.Upload(before, Height, Width, 3), _device.Upload(after, Height, Width, 3)).select(1, 1).exp().contiguous().data<float>().ToArray();
    }

    private static float[] Values(int seed) => [.. Invented(seed).Pixels.Select(value => value * (1f / 255))];

    private static float Deviation(float[] one, float[] other) => one.Zip(other, (a, b) => Math.Abs(a - b)).Max();

    private static ChangeNetwork Network(string name)
    {
        var network = ModelCatalogue.Create(new ModelConfig { Name = name }, seed: 4);
        network.eval();
        return network;
    }

    private static PixelImage Invented(int seed)
    {
        var pixels = new byte[Width * Height * 3];
        new Random(seed).NextBytes(pixels);
        return new PixelImage(new ImageShape(Width, Height, 3, PixelType.UInt8), pixels);
    }

    private OpenScene Open() => new(SceneFile.Open(_folder["before.tif"]), SceneFile.Open(_folder["after.tif"]), _device);

    private sealed class OpenScene(ISceneReader before, ISceneReader after, ComputeDevice device) : IDisposable
    {
        public ITiling Tiling(ChangeNetwork network, ReceptiveField? field, int tile)
        {
            var unit = new Normalizer(Normalization.Unit, new NormalizationStatistics([], []));
            return Tilings.Of(new SceneRows(before, after), Width * 6, new WindowNetwork(network, device, new SceneNormalization(unit, unit)), field, tile);
        }

        public void Dispose()
        {
            before.Dispose();
            after.Dispose();
        }
    }
}
