using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Indexing;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Worker.Tests.Data.Batches;

/// <summary>Overlapping tiles, as they are read to be scored, against a recount from the scenes' masks.</summary>
public sealed class CountedOnceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(5, false, 1)]
    [InlineData(5, true, 4)]
    [InlineData(16, false, 4)]
    [InlineData(16, true, 1)]
    public async Task EachPixel_IsALabelInTheFirstTileAlone_InEveryEpoch(int stride, bool first, int batch)
    {
        using var dataset = await TiledDataset.PackAsync(stride, first: first);
        foreach (var cache in new[] { DecodedCacheKind.Off, DecodedCacheKind.Memory })
        {
            using var loader = await RunDataLoader.OpenAsync(dataset.Config(batch, cache), Token);
            for (var epoch = 0; epoch < 3; epoch++)
            {
                // What was trained on may be in the cache before it is scored.
                await foreach (var drawn in loader.Training.ReadEpochAsync(epoch, 0, Token))
                {
                    using (drawn)
                        Assert.Equal(0, drawn.Repeated);
                }
                foreach (var split in new[] { "train", "val" })
                    await AssertOnceAsync(dataset, split, loader.ReadSplitAsync(split, batch, Token));
            }
            Assert.Equal(cache != DecodedCacheKind.Off, loader.Counters.DecodedHits > 0);
        }
    }

    [Fact]
    public async Task Training_DrawsWholeMasks_OfASplitThatIsScoredToo()
    {
        using var dataset = await TiledDataset.PackAsync(stride: 5);
        using var alone = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        using var scoring = await RunDataLoader.OpenAsync(dataset.Config(cache: DecodedCacheKind.Memory), Token);
        for (var epoch = 0; epoch < 2; epoch++)
        {
            await Delivered.ReadAsync(scoring.ReadSplitAsync("train", 4, Token));
            Assert.Equal(
                (await Delivered.ReadAsync(alone.Training.ReadEpochAsync(epoch, 0, Token))).Hash,
                (await Delivered.ReadAsync(scoring.Training.ReadEpochAsync(epoch, 0, Token))).Hash);
        }
        var config = dataset.Config();
        config = config with { Dataset = config.Dataset with { Train = config.Dataset.Train with { Crop = null } } };
        using var whole = await RunDataLoader.OpenAsync(config, Token);
        await foreach (var batch in whole.Training.ReadEpochAsync(0, 0, Token))
        {
            using (batch)
                Assert.Equal(batch.Keys.Sum(key => dataset.MaskOf("train", key).Count(label => label == MaskReader.Ignored)), batch.Ignored);
        }
    }

    [Fact]
    public async Task TilesSideBySide_AreDeliveredWhole()
    {
        using var dataset = await TiledDataset.PackAsync(TiledDataset.Size, width: 48, height: 32);
        using var loader = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        var tiles = 0;
        await foreach (var batch in loader.ReadSplitAsync("test", 4, Token))
        {
            using (batch)
            {
                Assert.Equal(0, batch.Repeated);
                Assert.Equal(batch.Keys.SelectMany(key => dataset.MaskOf("test", key)), batch.Mask.Take(batch.Count * 16 * 16));
                tiles += batch.Count;
            }
        }
        Assert.Equal(12, tiles);
    }

    /// <summary>Our tars without our manifest: the field says the same there.</summary>
    [Fact]
    public async Task IndexedTiles_AreCountedOnceToo()
    {
        using var dataset = await TiledDataset.PackAsync(stride: 5);
        foreach (var file in Directory.GetFiles(dataset.Path).Where(file => !file.EndsWith(".tar", StringComparison.Ordinal)))
            File.Delete(file);
        await new DatasetIndexer(new IndexOptions { Tool = "tests", Masks = MaskOptions.Parse("1", [], "255", null) })
            .IndexAsync(dataset.Store, null, Token);
        using var loader = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        await AssertOnceAsync(dataset, "val", loader.ReadSplitAsync("val", 4, Token));
    }

    [Theory]
    [InlineData("""{"source":"a","crop":[0,0,32,32]}""", true)]
    [InlineData("""{"source":"a","crop":null,"more":1}""", false)]
    [InlineData("""{"source":"a"}""", null)]
    [InlineData("""{"crop":[0,0,32,32]}""", null)]
    [InlineData("""{"source":7,"crop":[0,0,32,32]}""", null)]
    [InlineData("""{"source":"a","crop":[0,0,32]}""", null)]
    [InlineData("""{"source":"a","crop":[0,0,32,"32"]}""", null)]
    [InlineData("""{"source":"a","crop":[0,0,31,32]}""", null)]
    [InlineData("""{"source":"a","crop":[-1,0,32,32]}""", null)]
    [InlineData("""{"source":"a","crop":[0,2147483647,32,32]}""", null)]
    [InlineData("""{"source":"a","crop":[0,0.5,32,32]}""", null)]
    [InlineData("""{"source":"\ud800","crop":[0,0,32,32]}""", true)]
    [InlineData("""{"\ud800":"a","crop":[0,0,32,32]}""", null)]
    [InlineData("""[0,0,32,32]""", null)]
    [InlineData("half a {", null)]
    [InlineData("", null)]
    public async Task FieldOfAnySort_IsAnOrigin_OrDamageWhereItIsOurs_OrNothing(string json, bool? overlaps)
    {
        foreach (var packed in new[] { true, false })
        {
            using var folder = new TemporaryFolder();
            await WriteAsync(folder.Path, json, packed);
            using var loader = await RunDataLoader.OpenForSplitAsync(PackedDataset.ConfigOf(new Uri(folder.Path)), "test", Token);
            if (packed && overlaps is null)
            {
                var error = await Assert.ThrowsAsync<ShardCorruptException>(() => Delivered.ReadAsync(loader.ReadSplitAsync("test", 4, Token)));
                Assert.Contains("'s0' whose field json does not say which part", error.Message, StringComparison.Ordinal);
                Assert.Contains("Pack the data set again", error.Message, StringComparison.Ordinal);
                continue;
            }
            var repeated = 0;
            await foreach (var batch in loader.ReadSplitAsync("test", 4, Token))
            {
                using (batch)
                    repeated += batch.Repeated;
            }
            Assert.Equal(overlaps == true ? 32 * 32 : 0, repeated);
        }
    }

    private static async Task AssertOnceAsync(TiledDataset dataset, string split, IAsyncEnumerable<Batch> batches)
    {
        var seen = new HashSet<(char Scene, int Pixel)>();
        var (pixels, ignored, repeated, labelled) = (0L, 0L, 0L, 0L);
        await foreach (var batch in batches)
        {
            using (batch)
            {
                var size = batch.Height * batch.Width;
                for (var row = 0; row < batch.Count; row++)
                {
                    var key = batch.Keys[row];
                    var expected = dataset.Pixels(key).Zip(dataset.MaskOf(split, key), (at, label) => seen.Add((key[0], at)) ? label : MaskReader.Ignored);
                    Assert.Equal(expected, batch.Mask.Skip(row * size).Take(size));
                }
                (pixels, ignored, repeated) = (pixels + batch.Count * size, ignored + batch.Ignored, repeated + batch.Repeated);
                labelled += batch.Labelled(0, batch.Count);
            }
        }
        Assert.True(repeated > 0);
        Assert.Equal(dataset.Count(split, label => label == MaskReader.Ignored), ignored);
        Assert.Equal(dataset.Count(split, label => label != MaskReader.Ignored), labelled);
        Assert.Equal(pixels, ignored + repeated + labelled);
    }

    /// <summary>Two samples with the same field.</summary>
    private static async Task WriteAsync(string folder, string json, bool packed)
    {
        var store = new FileObjectStore(folder);
        var image = PngEncoder.Encode(new PixelImage(new ImageShape(32, 32, 3, PixelType.UInt8), new byte[32 * 32 * 3]));
        var mask = PngEncoder.Encode(new PixelImage(new ImageShape(32, 32, 1, PixelType.UInt8), new byte[32 * 32]));
        var samples = Enumerable.Range(0, 2).Select(sample => new ShardSample
        {
            Key = $"s{sample}",
            Fields = new Dictionary<string, ReadOnlyMemory<byte>>
            {
                ["before.png"] = image,
                ["after.png"] = image,
                ["mask.png"] = mask,
                ["json"] = System.Text.Encoding.UTF8.GetBytes(json),
            },
            Changed = 0,
            Pixels = 32 * 32,
        });
        var manifest = new DatasetManifest
        {
            Name = "fields",
            Channels = 3,
            Splits = new Dictionary<string, SplitManifest> { ["test"] = await new ShardWriter(store, "test").WriteAsync(samples.ToAsyncEnumerable(), Token) },
            Statistics = new([1, 1, 1], [1, 1, 1]),
            Provenance = new("test", packed ? "sysu" : Provenance.Indexed, "test"),
        };
        await File.WriteAllBytesAsync(Path.Combine(folder, DatasetManifest.FileName), DatasetManifestFile.Format(manifest), Token);
    }
}
