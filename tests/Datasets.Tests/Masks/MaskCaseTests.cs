using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Indexing;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests.Masks;

/// <summary>Masks after public reports of people whose labels were read wrong. In each, 400 of 4096 pixels have truly changed, unless stated.</summary>
public sealed class MaskCaseTests : IDisposable
{
    private const double True = 400 / 4096.0;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mask-ignore-255/src", "255 (1024 pixels in 2 files")]
    [InlineData("mask-rule-per-file/src", "2 (800 pixels in 2 files")]
    [InlineData("mask-multiband/hiucd", "--mask-band N")]
    [InlineData("mask-multiband/fsc", "--mask-band N")]
    [InlineData("mask-colours/second", "#ffffff (3696 pixels")]
    [InlineData("mask-colours/alpha-only", "so the mask is its alpha channel: --mask-band 4")]
    [InlineData("mask-colours/palette-classes", "1 is #800000, 2 is #008000")]
    [InlineData("mask-16bit-ids/src", "1200 (")]
    public async Task Pack_WhatCouldBeMisread_StopsWithItsValuesAndTheOptions(string folder, string told)
    {
        var error = await Assert.ThrowsAsync<DatasetSourceException>(() => PackAsync(folder, MaskOptions.None));
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.Contains("--mask-change", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["packed"]) && Directory.EnumerateFiles(_folder["packed"]).Any());
    }

    [Fact]
    public async Task Pack_Ignored255_CountsTheRestAlone()
    {
        var train = (await PackAsync("mask-ignore-255/src", MaskOptions.Parse(null, [], "255", null))).Splits["train"];
        // 512 of each mask's pixels are unlabelled, and the share of the changed is of the others.
        Assert.Equal(1024, train.IgnoredPixels);
        Assert.Equal(400 / 3584.0, train.ChangeFraction, 12);
    }

    [Fact]
    public async Task Pack_OneRuleForAllMasks_CountsEachAlike()
    {
        var train = (await PackAsync("mask-rule-per-file/src", MaskOptions.Parse("2", [], "0", null))).Splits["train"];
        Assert.Equal(800 / (8192.0 - 512), train.ChangeFraction, 12);
        Assert.Equal(True, (await PackAsync("mask-rule-per-file/src", MaskOptions.Parse("2", [], "none", null))).Splits["train"].ChangeFraction, 12);
    }

    [Theory]
    [InlineData("mask-multiband/hiucd", 3, "2")]
    [InlineData("mask-multiband/fsc", 1, "255")]
    [InlineData("mask-colours/alpha-only", 4, "255")]
    public async Task Pack_AChannelOfSeveral_IsTheMask(string folder, int band, string change) =>
        Assert.Equal(True, (await PackAsync(folder, MaskOptions.Parse(change, [], null, band))).Splits["train"].ChangeFraction, 12);

    [Fact]
    public async Task Pack_ClassesByColour_AreTheirColours()
    {
        var options = MaskOptions.Parse(
            null, [ClassRule.Parse("none=#ffffff"), ClassRule.Parse("a=#ff0000"), ClassRule.Parse("b=#0000ff,#00ff00,#008000")], null, null);
        var train = (await PackAsync("mask-colours/second", options)).Splits["train"];
        Assert.Equal(True, train.ChangeFraction, 12);
        Assert.Equal(1, train.ClassFractions!.Sum(), 12);
    }

    [Theory]
    [InlineData("none=0", "a=1", "b=2")]
    [InlineData("none=#000000", "a=#800000", "b=#008000")]
    public async Task Pack_ClassesOfAPalette_AreItsIndicesOrColours(params string[] classes)
    {
        var options = MaskOptions.Parse(null, [.. classes.Select(ClassRule.Parse)], null, null);
        var train = (await PackAsync("mask-colours/palette-classes", options)).Splits["train"];
        Assert.Equal(True, train.ChangeFraction, 12);
        Assert.All(train.ClassFractions!, fraction => Assert.InRange(fraction, 0.001, 1));
    }

    [Fact]
    public async Task Pack_APaletteOfTwo_MeansItsIndices()
    {
        var manifest = await PackAsync("mask-colours/palette-qgis", MaskOptions.None);
        Assert.Equal(True, manifest.Splits["train"].ChangeFraction, 12);
        Assert.Equal("index", manifest.Mask!.Unit);
    }

    [Fact]
    public async Task Pack_ObjectIds_AreAllChangeAndNeverScaled() =>
        Assert.Equal(
            (384 + 352) / 8192.0, (await PackAsync("mask-16bit-ids/src", MaskOptions.Parse("> 0", [], null, null))).Splits["train"].ChangeFraction, 12);

    [Fact]
    public async Task Index_MasksOfALossyFormat_AreTheirTwoHeaps()
    {
        var tar = Repository.SharedOrSkip("cases/index-jpeg-masks/train-000000.tar");
        Directory.CreateDirectory(_folder["tars"]);
        File.Copy(tar, _folder["tars/train-000000.tar"]);
        var report = await new DatasetIndexer(new IndexOptions { Tool = "tests" })
            .IndexAsync(new FileObjectStore(_folder["tars"]), null, CancellationToken.None);
        Assert.Equal(True, report.Manifest.Splits["train"].ChangeFraction, 12);
        Assert.Equal(("> 127", "values", true), (report.Manifest.Mask!.Change, report.Manifest.Mask.RuleFrom, report.Manifest.Mask.Raw));
    }

    private async Task<DatasetManifest> PackAsync(string folder, MaskOptions masks)
    {
        var source = Repository.SharedOrSkip($"cases/{folder}");
        if (Directory.Exists(_folder["packed"]))
            Directory.Delete(_folder["packed"], recursive: true);
        var options = new PackOptions { Tool = "tests", Masks = masks };
        var packer = new DatasetPacker(DatasetLayouts.Find("ab-label"), options);
        return (await packer.PackAsync(source, new FileObjectStore(_folder["packed"]), null, CancellationToken.None)).Manifest;
    }
}
