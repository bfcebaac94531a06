using ChangeDetection.Datasets.Packing;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Samples;
using ChangeDetection.Worker.Data.Samples.Decoded;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Batches;

public sealed class SeenPixelsTests
{
    private static readonly Gen<PixelRectangle> s_rectangle =
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 30], Gen.Int[1, 12], Gen.Int[1, 12], (x, y, width, height) => new PixelRectangle(x, y, width, height));

    /// <summary>Whatever the order of the samples of an image, against a set of its pixels.</summary>
    [Fact]
    public void Samples_RepeatThePixelsOfEarlierOnesOfTheirImage() =>
        Gen.Select(s_rectangle, Gen.Int[0, 9]).Array[0, 25].Sample(samples =>
        {
            var seen = new SeenPixels();
            var pixels = new HashSet<(int X, int Y)>();
            var source = UInt128.One;
            foreach (var (place, next) in samples)
            {
                if (next == 0)
                {
                    source++;
                    pixels.Clear();
                }
                AssertRepeats(pixels, place, seen.Add(new PlacedSample(new SampleOrigin(source, place))));
            }
        });

    [Theory]
    [InlineData(100, 80, 16, 16)]
    [InlineData(101, 83, 16, 5)]
    [InlineData(64, 64, 16, 1)]
    [InlineData(16, 16, 16, 7)]
    public void TilesOfAnImage_HaveEachPixelOnce(int width, int height, int size, int stride)
    {
        var seen = new SeenPixels();
        var tiles = Tiling.Create(size, stride).Over(0, 0, width, height).ToList();
        var pixels = new HashSet<(int X, int Y)>();
        foreach (var tile in tiles)
            AssertRepeats(pixels, tile, seen.Add(new PlacedSample(new SampleOrigin(1, tile))));
        Assert.Equal(width * height, pixels.Count);
    }

    [Fact]
    public void SampleOfNoKnownOrigin_RepeatsNothing_AndEndsAnImage()
    {
        var seen = new SeenPixels();
        var tile = new PlacedSample(new SampleOrigin(1, new PixelRectangle(0, 0, 4, 4)));
        Assert.Empty(seen.Add(tile));
        Assert.Equal([new PixelRectangle(0, 0, 4, 4)], seen.Add(tile));
        Assert.Empty(seen.Add(new PlacedSample(null)));
        Assert.Empty(seen.Add(tile));
    }

    /// <summary>A large scene is a matter of moments: tiles side by side in a row are kept as one.</summary>
    [Fact]
    public void HundredThousandTiles_AreTakenInAtOnce()
    {
        var seen = new SeenPixels();
        var fresh = 0L;
        foreach (var tile in Tiling.Create(256, 64).Over(0, 0, 32_507, 12_354))
            fresh += 256 * 256 - seen.Add(new PlacedSample(new SampleOrigin(1, tile))).Sum(part => part.Width * part.Height);
        Assert.Equal(32_507L * 12_354, fresh);
    }

    private static void AssertRepeats(HashSet<(int X, int Y)> pixels, PixelRectangle place, IReadOnlyList<PixelRectangle> repeated)
    {
        var found = repeated.SelectMany(part => All(part)).Select(at => (at.X + place.X, at.Y + place.Y)).Order().ToList();
        Assert.Equal(All(place).Where(pixels.Contains).Order(), found);
        pixels.UnionWith(All(place));
    }

    private static IEnumerable<(int X, int Y)> All(PixelRectangle part) =>
        from y in Enumerable.Range(part.Y, part.Height) from x in Enumerable.Range(part.X, part.Width) select (x, y);

    /// <summary>A sample of which nothing but its origin is asked.</summary>
    private sealed class PlacedSample(SampleOrigin? origin) : LoadedSample(default, "shard", "key")
    {
        public override SampleOrigin? Origin => origin;
        public override bool IsDecoded => throw new NotSupportedException();
        public override bool HasMissingPixels => throw new NotSupportedException();

        public override ImageShape CheckedShape(int channels) => throw new NotSupportedException();

        public override ImageShape Decode(PlaneBuffers buffers, DecodedSplit? cache) => throw new NotSupportedException();

        public override PixelImage? Read(DecodedPlane plane, int top, int height, PlaneBuffers buffers, out int firstRow) => throw new NotSupportedException();

        public override void Dispose()
        {
        }
    }
}
