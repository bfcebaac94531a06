using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Prediction;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Prediction;

[Collection(TorchCollection.Name)]
public sealed class TilingTests : IDisposable
{
    /// <summary>Neither is a multiple of 16, and one is longer than what any window sees.</summary>
    private const int Long = 395, Short = 61;

    private readonly TemporaryFolder _folder = new();
    private readonly ComputeDevice _device = ComputeDevice.Open("cpu", 1, Determinism.On);

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Finite => [.. ModelNames.All.Where(name => ModelCatalogue.Find(name).Field is not null)];

    [Theory]
    [MemberData(nameof(Finite))]
    public void Predict_FiniteField_IsOnePassWhateverTheTile(string name)
    {
        using var network = Network(name);
        foreach (var (width, height, tiles) in new (int, int, int[])[] { (Long, Short, [64, 4096]), (Short, Long, [144]) })
        {
            Write(width, height);
            var whole = OnePass(network, width, height);
            foreach (var tile in tiles)
            {
                var deviation = Deviation(whole, Tiled(network, ModelCatalogue.Find(name).Field, tile));
                Assert.True(deviation < 1e-5, $"{name}, {width}x{height}, tiles of {tile}: {deviation}");
            }
        }
    }

    [Fact]
    public void Predict_GlobalContext_IsOnePassInOneWindow_AndNearItInSeveral()
    {
        using var network = Network(ModelNames.SnUNet);
        Write(70, 170);
        var whole = OnePass(network, 70, 170);

        Assert.True(Deviation(whole, Tiled(network, null, 512)) < 1e-5);
        var apart = Deviation(whole, Tiled(network, null, 64));
        TestContext.Current.TestOutputHelper!.WriteLine($"snunet, windows of 64 blended: at most {apart:0.0000} from one pass");
        Assert.InRange(apart, 0, 0.5);
    }

    [Fact]
    public void Predict_GlobalContext_TakenUpAtAnyStrip_GivesTheSameBits()
    {
        using var network = Network(ModelNames.SnUNet, classes: 3);
        Write(70, 170);
        using var scene = Open();
        var straight = scene.Tiling(network, null, 64);
        Assert.Equal([0, 48, 96, 112], straight.Strips.Select(strip => strip.First));
        var strips = straight.Strips.Select((_, number) => Predict(straight, number, 70)).ToList();

        for (var begin = 1; begin < strips.Count; begin++)
        {
            using var again = Open();
            Assert.Equal(strips[begin], Predict(again.Tiling(network, null, 64), begin, 70));
        }
    }

    private static float[] Predict(ITiling tiling, int strip, int width)
    {
        var probability = new float[tiling.Kinds * tiling.Strips[strip].Count * width];
        tiling.Predict(strip, probability, () => { });
        return probability;
    }

    private float[] Tiled(ChangeNetwork network, ReceptiveField? field, int tile)
    {
        using var scene = Open();
        var tiling = scene.Tiling(network, field, tile);
        Assert.Equal(scene.Height, tiling.Strips.Sum(strip => strip.Count));
        return [.. tiling.Strips.SelectMany((_, number) => Predict(tiling, number, scene.Width))];
    }

    /// <summary>All of the scene at once, by the network alone.</summary>
    private float[] OnePass(ChangeNetwork network, int width, int height)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var (before, after) = (Values(width, height, 1), Values(width, height, 2));
        return network.call(_device.Upload(before, height, width, 3), _device.Upload(after, height, width, 3)).select(
            1, 1).exp().contiguous().data<float>().ToArray();
    }

    private static float[] Values(int width, int height, int seed) => [.. Invented(width, height, seed).Pixels.Select(value => value * (1f / 255))];

    private static float Deviation(float[] one, float[] other) => one.Zip(other, (a, b) => Math.Abs(a - b)).Max();

    private static ChangeNetwork Network(string name, int classes = 2)
    {
        var network = ModelCatalogue.Create(new ModelConfig { Name = name, Classes = classes }, seed: 4);
        network.eval();
        return network;
    }

    private void Write(int width, int height)
    {
        SceneFiles.Write(_folder["before.tif"], Invented(width, height, 1));
        SceneFiles.Write(_folder["after.tif"], Invented(width, height, 2));
    }

    private static PixelImage Invented(int width, int height, int seed)
    {
        var pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new PixelImage(new ImageShape(width, height, 3, PixelType.UInt8), pixels);
    }

    private OpenScene Open() => new(RasterFile.Open(_folder["before.tif"]), RasterFile.Open(_folder["after.tif"]), _device);

    private sealed class OpenScene(IRasterReader before, IRasterReader after, ComputeDevice device) : IDisposable
    {
        public int Width => before.Shape.Width;
        public int Height => before.Shape.Height;

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
