using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests.Packing;

/// <summary>Two real cities.</summary>
public sealed class OscdPackTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(13)]
    public async Task Pack_TwoCities_AreOfTheirSizesAndChange(int bands)
    {
        var source = Repository.SharedOrSkip("data/oscd-mini");
        using var folder = new TemporaryFolder();
        var store = new FileObjectStore(folder["packed"]);
        var options = new PackOptions
        {
            Tool = "tests",
            Encoding = PackEncoding.Raw,
            Splits = [SplitRule.Parse("train=bercy"), SplitRule.Parse("test=rennes")],
        };
        var report = await new DatasetPacker(DatasetLayouts.Find("oscd", bands), options).PackAsync(source, store, null, CancellationToken.None);
        Assert.Empty(report.Warnings);
        Assert.Equal(bands, report.Manifest.Channels);
        var dataset = await ShardDataset.OpenAsync(store, CancellationToken.None);
        foreach (var (split, width, height) in new[] { ("train", 360, 395), ("test", 563, 339) })
        {
            var index = await dataset.ReadIndexAsync(dataset.Manifest.Splits[split].Shards[0], CancellationToken.None);
            var bytes = await dataset.ReadFieldAsync(index, 0, index.Find(0, SampleFields.Before)!.Value, CancellationToken.None);
            Assert.Equal(new ImageShape(width, height, bands, PixelType.UInt16), ImageCodec.Decode(bytes, split).Shape);
            // The mask of both files is one: {1, 2} in the TIFF, {0, 255} and greys in the PNG.
            var city = split == "train" ? "bercy" : "rennes";
            var png = ImageCodec.DecodeMask(await File.ReadAllBytesAsync($"{source}/labels/{city}/cm/cm.png", TestContext.Current.CancellationToken), city);
            var changed = png.Bytes.ToArray().Count(value => value > 127) / (double)png.Bytes.Length;
            Assert.Equal(changed, dataset.Manifest.Splits[split].ChangeFraction, 1e-3);
        }
    }
}
