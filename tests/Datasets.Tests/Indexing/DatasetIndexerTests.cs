using System.Formats.Tar;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Indexing;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Datasets.Verification;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;
using NetVips;

namespace ChangeDetection.Datasets.Tests.Indexing;

[Needs(Resource.Processes)]
public sealed class DatasetIndexerTests : IDisposable
{
    private readonly ForeignTars _tars = new();

    public void Dispose() => _tars.Dispose();

    [Fact]
    public async Task Index_AsPythonsWebdatasetWrites_IsASoundDataSet()
    {
        File.WriteAllBytes(_tars["image.png"], ForeignTars.Image);
        File.WriteAllBytes(_tars["mask.png"], ForeignTars.Mask);
        // What webdataset.TarWriter does: a stream, fields in sorted order, owners, and a time with fractions, which makes an extended header.
        File.WriteAllText(_tars["write.py"], """
            import io, sys, tarfile, time
            folder = sys.argv[1]
            image, mask = (open(f"{folder}/{name}.png", "rb").read() for name in ("image", "mask"))
            for shard in range(2):
                with tarfile.open(f"{folder}/train-{shard:06d}.tar", "w|") as tar:
                    for number in range(3):
                        key = f"scene_{shard * 3 + number:05d}"
                        for field, data in sorted({"a.png": image, "b.png": image, "seg.png": mask, "json": b"{}"}.items()):
                            member = tarfile.TarInfo(f"{key}.{field}")
                            member.size, member.mtime, member.mode, member.uname = len(data), time.time() + 0.25, 0o444, "bigdata"
                            tar.addfile(member, io.BytesIO(data))
            """);
        await Python.RunOrSkipAsync(_tars["write.py"], _tars.Folder);

        var report = await _tars.IndexAsync(new("a.png", "b.png", "seg"));

        Assert.Empty(report.Warnings);
        Assert.Equal(6, report.Manifest.Splits["train"].Samples);
        Assert.Equal(0.5, report.Manifest.Splits["train"].ChangeFraction);
        Assert.Equal(new FieldNames("a.png", "b.png", "seg"), report.Manifest.Fields);
        var dataset = await OpenAsync();
        Assert.Empty((await new DatasetVerifier(dataset, deep: true).VerifyAsync(null, CancellationToken.None)).Damages);
        var index = await dataset.ReadIndexAsync(dataset.Manifest.Splits["train"].Shards[1], CancellationToken.None);
        Assert.Equal("scene_00004", index.Key(1));
        Assert.Equal(ForeignTars.Mask, await dataset.ReadFieldAsync(index, 1, index.Find(1, SampleFields.Mask)!.Value, CancellationToken.None));
        Assert.Equal(SampleFields.After, index.Find(1, SampleFields.After)!.Value.Role);
    }

    [Theory]
    [InlineData(TarEntryFormat.V7), InlineData(TarEntryFormat.Ustar), InlineData(TarEntryFormat.Pax), InlineData(TarEntryFormat.Gnu)]
    public async Task Index_AnyKindOfTar_FindsTheSameFields(TarEntryFormat format)
    {
        _tars.Write("train-0.tar", format, [.. ForeignTars.Sample("a"), .. ForeignTars.Sample("b")]);
        await _tars.IndexAsync();
        var dataset = await OpenAsync();
        var index = await dataset.ReadIndexAsync(dataset.Manifest.Splits["train"].Shards[0], CancellationToken.None);
        Assert.Equal(ForeignTars.Image, await dataset.ReadFieldAsync(index, 1, index.Find(1, SampleFields.After)!.Value, CancellationToken.None));
        Assert.True((await new DatasetVerifier(dataset, deep: true).VerifyAsync(null, CancellationToken.None)).IsSound);
    }

    [Theory]
    [InlineData(TarEntryFormat.Pax), InlineData(TarEntryFormat.Gnu), InlineData(TarEntryFormat.Ustar)]
    public async Task Index_LongPathsAndALeadingDot_BelongToTheKey(TarEntryFormat format)
    {
        var key = $"{new string('d', 60)}/{new string('k', 50)}";
        _tars.Write("train.tar", format, [.. ForeignTars.Sample($"./{key}")]);
        await _tars.IndexAsync();
        var dataset = await OpenAsync();
        Assert.Equal(key, (await dataset.ReadIndexAsync(dataset.Manifest.Splits["train"].Shards[0], CancellationToken.None)).Key(0));
        Assert.Empty((await new DatasetVerifier(dataset, deep: true).VerifyAsync(null, CancellationToken.None)).Damages);
    }

    [Fact]
    public async Task Index_UpperCaseFieldsFoldersAndOtherFiles_AreAsTheConventionSays()
    {
        using (var tar = new TarWriter(File.Create(_tars["train-1.tar"])))
        {
            tar.WriteEntry(ForeignTars.Entry(TarEntryFormat.Pax, TarEntryType.Directory, "folder/"));
            tar.WriteEntry(ForeignTars.Entry(TarEntryFormat.Pax, TarEntryType.RegularFile, "__meta.json__", [1]));
            tar.WriteEntry(ForeignTars.Entry(TarEntryFormat.Pax, TarEntryType.RegularFile, "README", [1]));
            foreach (var (name, data) in ForeignTars.Sample("folder/a"))
                tar.WriteEntry(ForeignTars.Entry(TarEntryFormat.Pax, TarEntryType.RegularFile, name.Replace(".png", ".PNG", StringComparison.Ordinal), data));
            tar.WriteEntry(ForeignTars.Entry(TarEntryFormat.Pax, TarEntryType.RegularFile, "folder/._a.before.png", [1]));
        }
        var report = await _tars.IndexAsync();
        Assert.Contains("3 members are no part of a sample and are passed over", Assert.Single(report.Warnings));
        Assert.Equal(1, report.Manifest.Splits["train"].Samples);
        Assert.Empty((await new DatasetVerifier(await OpenAsync(), deep: true).VerifyAsync(null, CancellationToken.None)).Damages);
    }

    [Fact]
    public async Task Index_Splits_AreTheNamesPrefixesOrWhatIsAskedFor()
    {
        foreach (var name in new[] { "train-000000.tar", "train-000001.tar", "val_3.tar", "test.tar" })
            _tars.Write(name, ForeignTars.Sample(name[..^4].Replace('.', '_')));
        Assert.Equal(["test", "train", "val"], (await _tars.IndexAsync()).Manifest.Splits.Keys);
        foreach (var file in Directory.EnumerateFiles(_tars.Folder).Where(file => !file.EndsWith(".tar", StringComparison.Ordinal)))
            File.Delete(file);
        var report = await _tars.IndexAsync(splits: ["all=*-00000?.tar", "held=val*"]);
        Assert.Equal([("all", 2), ("held", 1)], report.Manifest.Splits.Select(split => (split.Key, split.Value.Samples)));
        Assert.Contains("1 tars are in no split: test.tar", Assert.Single(report.Warnings));
    }

    [Theory]
    [InlineData("x=nothing-*", "x=nothing-* matches none of the tars")]
    [InlineData("x=*,y=*", "would be in the splits x and y")]
    [InlineData("x", "is not of the form")]
    public async Task Index_ASplitThatCannotBe_IsRefused(string rules, string said)
    {
        _tars.Write("train-0.tar", ForeignTars.Sample("a"));
        Assert.Contains(said, await _tars.RefusedAsync<PackRequestException>(splits: rules.Split(',')));
    }

    [Fact]
    public async Task Index_WithoutMasks_IsASplitThatNothingCanBeTrainedOn()
    {
        _tars.Write("train-0.tar", ForeignTars.Sample("a")).Write("test-0.tar", ForeignTars.Sample("b")[..2]);
        var report = await _tars.IndexAsync();
        Assert.Contains("the split 'test' has no field 'mask'", Assert.Single(report.Warnings));
        Assert.True(report.Manifest.Splits["test"].Unlabelled);
        Assert.False(report.Manifest.Splits["train"].Unlabelled);
        Assert.True((await new DatasetVerifier(await OpenAsync(), deep: true).VerifyAsync(null, CancellationToken.None)).IsSound);
    }

    /// <summary>The left half of the first date is transparent.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task Index_PixelsThatAreNone_AreRefusedUnlessTheTarSaysWhichTheyAre(bool said)
    {
        var pixels = Enumerable.Range(0, 16 * 16).SelectMany(at => new byte[] { 200, (byte)at, 9, at % 16 < 8 ? (byte)0 : (byte)255 }).ToArray();
        using var transparent = Image.NewFromMemoryCopy(pixels, 16, 16, 4, Enums.BandFormat.Uchar);
        using var picture = transparent.Copy(interpretation: Enums.Interpretation.Srgb);
        var valid = PatternImages.Make(new(16, 16, 1, PixelType.UInt8), at => at % 16 < 8 ? (byte)0 : (byte)255);
        (string, byte[])[] sample = [("a.before.png", picture.PngsaveBuffer()), ("a.after.png", ForeignTars.Image), ("a.mask.png", ForeignTars.Mask)];
        _tars.Write("train-0.tar", said ? [.. sample, ("a.valid.png", PngEncoder.Encode(valid))] : sample);
        if (!said)
        {
            var message = await _tars.RefusedAsync<ShardCorruptException>();
            Assert.Contains("train-0.tar: a.before.png has pixels that are none", message);
            Assert.Contains("valid.png", message);
            return;
        }
        var manifest = (await _tars.IndexAsync()).Manifest;
        var train = manifest.Splits["train"];
        Assert.Equal((128L, 128L, 0.5), (train.InvalidPixels, train.IgnoredPixels, train.ChangeFraction));
        Assert.True((await new DatasetVerifier(await OpenAsync(), deep: true).VerifyAsync(null, CancellationToken.None)).IsSound);
    }

    public static TheoryData<string, string[]> BadSamples => new()
    {
        { "two keys", ["train-0.tar", "a second sample 'a' of the split 'train'"] },
        { "field twice", ["train-0.tar", "a.before.png", "has a field 'before.png' already"] },
        { "no after", ["train-0.tar", "the sample 'a'", "has no field 'after'", "--field"] },
        { "one without mask", ["train-0.tar", "the sample 'b'", "has no field 'mask', while the samples before it have one"] },
        { "other size", ["train-0.tar", "the sample 'a'", "16x16x3", "8x8x3"] },
        { "other mask size", ["train-0.tar", "the sample 'a'", "a mask of 8x8 for images of 16x16"] },
        { "other channels", ["train-0.tar", "the sample 'b' of 1 channels", "sound has 3 of UInt8"] },
        { "no image", ["train-0.tar", "a.before.png", "begins like none of"] },
        { "blank", ["train-0.tar", "a b.before.png", "U+0020"] },
        { "nothing", ["train-0.tar", "holds no sample"] },
    };

    [Theory, MemberData(nameof(BadSamples))]
    public async Task Index_ABadSample_IsRefusedByNameAndNothingIsLeft(string kind, string[] said)
    {
        byte[] small = PngEncoder.Encode(PatternImages.Rgb(8, 8)), grey = PngEncoder.Encode(PatternImages.Grey(16, 16, 1, 2)),
        ones = PngEncoder.Encode(PatternImages.Grey(16, 16, 1));
        var (before, after, mask) = (("a.before.png", ForeignTars.Image), ("a.after.png", ForeignTars.Image), ("a.mask.png", ForeignTars.Mask));
        _tars.Write("first.tar", ForeignTars.Sample("sound"));
        _tars.Write("train-0.tar", kind switch
        {
            "two keys" => [before, after, mask, .. ForeignTars.Sample("b"), .. ForeignTars.Sample("a")],
            "field twice" => [before, before, after, mask],
            "no after" => [before, mask],
            "one without mask" => [before, after, mask, .. ForeignTars.Sample("b")[..2]],
            "other size" => [before, ("a.after.png", small), mask],
            "other mask size" => [before, after, ("a.mask.png", PngEncoder.Encode(PatternImages.Grey(8, 8, 0, 255)))],
            "other channels" => [before, after, mask, ("b.before.png", grey), ("b.after.png", grey), ("b.mask.png", ForeignTars.Mask)],
            "no image" => [("a.before.png", "hello, I am no image"u8.ToArray()), after, mask],
            "blank" => [("a b.before.png", ForeignTars.Image), after, mask],
            _ => [("README", [1])],
        });
        var message = await _tars.RefusedAsync<ShardCorruptException>();
        Assert.All(said, part => Assert.Contains(part, message));
    }

    [Fact]
    public async Task Index_Cancelled_TakesItsFilesBack()
    {
        using var cancel = new CancellationTokenSource();
        _tars.Write("a.tar", ForeignTars.Sample("a")).Write("b.tar", ForeignTars.Sample("b"));
        var before = _tars.Files();
        var progress = new OnProgress(done =>
        {
            if (done.Shard == "b.tar" && File.Exists(_tars["a.idx"]))
                cancel.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _tars.IndexAsync(progress: progress, cancellationToken: cancel.Token));
        Assert.True(cancel.IsCancellationRequested);
        Assert.Equal(before, _tars.Files());
    }

    [Fact]
    public async Task Index_Twice_IsRefusedAndSaysWhatToDelete()
    {
        _tars.Write("train-0.tar", ForeignTars.Sample("a"));
        await _tars.IndexAsync();
        Assert.Contains("already has a dataset.json", await _tars.RefusedAsync<PackRequestException>());
        File.Delete(_tars["dataset.json"]);
        Assert.Contains("holds train-0.idx but no dataset.json", await _tars.RefusedAsync<PackRequestException>());
    }

    [Fact]
    public async Task Index_NoTarHere_NamesTheFoldersThatMightHaveThem()
    {
        Directory.CreateDirectory(_tars["shards"]);
        _tars.Write("shards/train-0.tar", ForeignTars.Sample("a"));
        Assert.Contains("it has the folders shards.", await _tars.RefusedAsync<PackRequestException>());
    }

    [Theory]
    [InlineData("a.png", "a.png", "mask"), InlineData("a", "a.png", "mask"), InlineData("before", "after", "before.png")]
    public async Task Index_TwoRolesOfOneField_AreRefused(string before, string after, string mask)
    {
        _tars.Write("train-0.tar", ForeignTars.Sample("a"));
        Assert.Contains("must be three different ones", await _tars.RefusedAsync<PackRequestException>(new(before, after, mask)));
    }

    [Fact]
    public async Task Index_AnOwnPackedDataSet_GivesTheSameSidecars()
    {
        using var source = new SourceFixture();
        source.AddSysu("train", "a").AddSysu("train", "b").AddSysu("val", "c");
        var packed = (await source.PackAsync()).Manifest;
        var before = Directory.EnumerateFiles(source.Destination).Where(
            file => !file.EndsWith(".tar", StringComparison.Ordinal)).ToDictionary(file => file, File.ReadAllBytes);
        foreach (var file in before.Keys)
            File.Delete(file);
        var report = await new DatasetIndexer(new() { Name = "source", Tool = "tests" }).IndexAsync(source.Store, null, CancellationToken.None);
        Assert.All(
            before.Where(file => !file.Key.EndsWith("dataset.json", StringComparison.Ordinal)),
            file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
        Assert.Equal(packed.Splits["train"].Shards, report.Manifest.Splits["train"].Shards);
        Assert.Equal(packed.Statistics.Mean, report.Manifest.Statistics.Mean);
        Assert.Equal(packed.Statistics.Deviation, report.Manifest.Statistics.Deviation);
    }

    private Task<ShardDataset> OpenAsync() => ShardDataset.OpenAsync(_tars.Store, CancellationToken.None);

    private sealed class OnProgress(Action<IndexProgress> report) : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value) => report(value);
    }
}
