using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Datasets.Verification;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Tests.Packing;

public sealed class DatasetPackerTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Fact]
    public async Task Pack_ASoundSource_GivesItsPixelsBack()
    {
        _source.AddSysu("train", "b").AddSysu("train", "a").AddSysu("val", "c", PatternImages.Grey(16, 16, 0, 0, 0, 255));
        var report = await _source.PackAsync();
        Assert.Equal(["train", "val"], report.Manifest.Splits.Keys);
        Assert.Equal((2, 0.5), (report.Manifest.Splits["train"].Samples, report.Manifest.Splits["train"].ChangeFraction));
        Assert.Equal((1, 0.25), (report.Manifest.Splits["val"].Samples, report.Manifest.Splits["val"].ChangeFraction));
        Assert.Equal((3, "source", "sysu"), (report.Manifest.Channels, report.Manifest.Name, report.Manifest.Provenance.Layout));
        Assert.Empty(report.Warnings);
        var before = await _source.ImagesAsync("train", SampleFields.Before);
        Assert.Equal(["a", "b"], before.Keys);
        Assert.Equal(PatternImages.Rgb(seed: 'a').Pixels, before["a"].Bytes.ToArray());
        Assert.Equal(PatternImages.Rgb(seed: 'a' + 128).Pixels, (await _source.ImagesAsync("train", SampleFields.After))["a"].Bytes.ToArray());
        Assert.Equal(PatternImages.Grey(16, 16, 0, 1).Pixels, (await _source.MasksAsync("train"))["a"].Bytes.ToArray());
    }

    [Fact]
    public async Task Pack_Twice_GivesTheSameBytes()
    {
        _source.AddSysu("train", "a").AddSysu("train", "b").AddSysu("test", "c");
        await _source.PackAsync();
        var first = Directory.EnumerateFiles(_source.Destination).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
        Directory.Delete(_source.Destination, recursive: true);
        await _source.PackAsync();
        Assert.Equal(7, first.Count);
        Assert.All(first, file => Assert.Equal(file.Value, File.ReadAllBytes(Path.Combine(_source.Destination, file.Key))));
    }

    [Theory]
    [InlineData(PackEncoding.Png)]
    [InlineData(PackEncoding.Raw)]
    public async Task Pack_EitherEncoding_VerifiesDeeply(PackEncoding encoding)
    {
        _source.AddSysu("train", "a").AddSysu("train", "b");
        await _source.PackAsync(encoding: encoding);
        var dataset = await ShardDataset.OpenAsync(_source.Store, CancellationToken.None);
        var found = await new DatasetVerifier(dataset, deep: true).VerifyAsync(null, CancellationToken.None);
        Assert.Empty(found.Damages);
        Assert.Equal(2, found.Samples);
    }

    [Fact]
    public async Task Pack_Statistics_AreThoseOfTheTrainingSplitOverBothDates()
    {
        _source.AddSysu("train", "a").AddSysu("test", "b");
        var report = await _source.PackAsync();
        var values = PatternImages.Rgb(seed: 'a').Pixels.Concat(PatternImages.Rgb(seed: 'a' + 128).Pixels)
            .Where((_, at) => at % 3 == 0).Select(value => (double)value).ToList();
        Assert.Equal(values.Average(), report.Manifest.Statistics.Mean[0], 1e-9);
        Assert.Equal(Math.Sqrt(values.Average(value => Math.Pow(value - values.Average(), 2))), report.Manifest.Statistics.Deviation[0], 1e-9);
    }

    [Fact]
    public async Task Pack_ADestinationThatHoldsADataSet_IsRefusedAndTheOldOneStands()
    {
        _source.AddSysu("train", "a");
        await _source.PackAsync();
        var error = await Assert.ThrowsAsync<PackRequestException>(() => _source.PackAsync());
        Assert.Contains("already holds a data set", error.Message);
        Assert.Equal(4, Directory.EnumerateFiles(_source.Destination).Count());
    }

    [Fact]
    public async Task Pack_ADestinationWithLeftOverShards_IsRefusedAndSaysWhatToDo()
    {
        _source.AddSysu("train", "a");
        await _source.PackAsync();
        File.Delete(Path.Combine(_source.Destination, "dataset.json"));
        Assert.Contains("Delete it", (await Assert.ThrowsAsync<PackRequestException>(() => _source.PackAsync())).Message);
    }

    [Fact]
    public async Task Pack_CancelledWhileWriting_TakesEverythingBack()
    {
        using var cancel = new CancellationTokenSource();
        _source.AddSysu("train", "a").AddSysu("train", "b").AddSysu("val", "c").AddSysu("val", "d");
        var progress = new OnProgress(done =>
        {
            if (done is { Phase: "packing", Done: 3 })
                cancel.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _source.PackAsync(progress: progress, cancellationToken: cancel.Token));
        _source.AssertNothingWritten();
    }

    [Fact]
    public async Task Pack_AFileThatChangesBetweenCheckAndPack_TakesEverythingBack()
    {
        _source.AddSysu("train", "a").AddSysu("val", "b");
        var progress = new OnProgress(done =>
        {
            if (done is { Phase: "packing", Done: 1 })
                File.WriteAllBytes(_source["val/time1/b.png"], [1, 2, 3]);
        });
        var error = await Assert.ThrowsAsync<DatasetSourceException>(() => _source.PackAsync(progress: progress));
        Assert.Contains("val/time1/b.png", error.Message);
        _source.AssertNothingWritten();
    }

    [Fact]
    public async Task Pack_ManyBadPairs_NamesTheFirstAndCountsTheRest()
    {
        _source.AddSysu("train", "sound");
        for (var number = 0; number < 30; number++)
            _source.AddSysu("train", $"bad{number:00}").Write($"train/label/bad{number:00}.png", [1, 2, 3]);
        var message = await _source.RefusedAsync<DatasetSourceException>();
        Assert.Equal(21, message.Split('\n').Length);
        Assert.Contains("train/label/bad00.png", message);
        Assert.EndsWith("and 10 more like these.", message);
    }

    [Fact]
    public async Task Pack_ManyMissingMasks_AreOneSentence()
    {
        _source.AddSysu("train", "sound");
        for (var number = 0; number < 30; number++)
        {
            _source.AddSysu("train", $"bad{number:00}");
            File.Delete(_source[$"train/label/bad{number:00}.png"]);
        }
        Assert.Equal(
            "30 of 31 samples lack the mask, which the layout has at {split}/label/{name}.{image}: train/bad00, train/bad01, train/bad02, train/bad03, " +
            "train/bad04, …. Add the files, correct their names, or choose another --layout.",
            await _source.RefusedAsync<DatasetSourceException>());
    }

    [Fact]
    public async Task Pack_NoSuchFolder_IsTheCommandsFault() =>
        Assert.Contains("is not a folder", await _source.RefusedAsync<PackRequestException>());

    [Fact]
    public async Task Pack_AnotherLayout_SaysWhatIsExpected()
    {
        _source.AddSysu("train", "a");
        Assert.Contains("PLACE/N/{im1,im2,gt}.bmp", await _source.RefusedAsync<PackRequestException>("airchange"));
        _source.AddSysu("val", "a");
        var refused = await _source.RefusedAsync<DatasetSourceException>("ab-label");
        Assert.Contains("train lacks the folders train/A and train/B", refused);
        Assert.Contains("val lacks the folders val/A and val/B", refused);
    }

    [Fact]
    public async Task Pack_SixteenBitRgb_StaysSixteenBit()
    {
        var image = PatternImages.Make(new(8, 8, 3, PixelType.UInt16), at => (byte)(at * 3));
        _source.Write("train/time1/a.png", image);
        _source.Write("train/time2/a.png", image);
        _source.Write("train/label/a.png", PatternImages.Grey(8, 8, 0, 255));
        await _source.PackAsync();
        var packed = (await _source.ImagesAsync("train", SampleFields.Before))["a"];
        Assert.Equal(PixelType.UInt16, packed.Shape.Type);
        Assert.Equal(image.Pixels, packed.Bytes.ToArray());
    }

    [Fact]
    public async Task Pack_ManyBands_NeedRawAndKeepThemAll()
    {
        var image = PatternImages.Make(new(8, 8, 13, PixelType.UInt16), at => (byte)(at * 3));
        _source.Write("train/time1/a.npy", NpyEncoder.Encode(image));
        _source.Write("train/time2/a.npy", NpyEncoder.Encode(image));
        _source.Write("train/label/a.png", PatternImages.Grey(8, 8, 0, 255));
        Assert.Contains("--encoding raw", await _source.RefusedAsync<DatasetSourceException>());
        var report = await _source.PackAsync(encoding: PackEncoding.Raw);
        Assert.Equal(13, report.Manifest.Channels);
        Assert.Equal(image.Pixels, (await _source.ImagesAsync("train", SampleFields.Before))["a"].Bytes.ToArray());
    }

    [Fact]
    public async Task Pack_FloatsThatAreNoNumbers_AreRefusedBeforeAnythingIsWritten()
    {
        var image = NpyEncoder.Encode(PatternImages.Make(new(8, 8, 1, PixelType.Float32), _ => 0xFF));
        _source.Write("train/time1/a.npy", image);
        _source.Write("train/time2/a.npy", image);
        _source.Write("train/label/a.png", PatternImages.Grey(8, 8, 0, 255));
        Assert.Contains("'train' has not one labelled pixel", await _source.RefusedAsync<DatasetSourceException>(encoding: PackEncoding.Raw));
    }

    [Fact]
    public async Task Pack_ASecondOneThatFails_LeavesTheFirstAlone()
    {
        _source.AddSysu("train", "a");
        var packer = new DatasetPacker(DatasetLayouts.Find("sysu"), new() { Tool = "tests" });
        await packer.PackAsync(_source.Source, _source.Store, null, CancellationToken.None);
        await Assert.ThrowsAsync<PackRequestException>(() => packer.PackAsync(_source.Source, _source.Store, null, CancellationToken.None));
        Assert.True(
            (await new DatasetVerifier(await ShardDataset.OpenAsync(_source.Store, CancellationToken.None), deep: false)
                .VerifyAsync(null, CancellationToken.None)).IsSound);
    }

    private sealed class OnProgress(Action<PackProgress> report) : IProgress<PackProgress>
    {
        public void Report(PackProgress value) => report(value);
    }
}
