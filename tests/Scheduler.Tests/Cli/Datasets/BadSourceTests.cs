using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli.Datasets;

public sealed class BadSourceTests : IAsyncLifetime
{
    private const string Before = "train/time1/00000.png";
    private const string Mask = "train/label/00000.png";

    private readonly TemporaryFolder _folder = new();

    public async ValueTask InitializeAsync() => await SmallDataset.SynthesizeAsync(_folder);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Pack_MaskMissingForOnePair_NamesThePair()
    {
        File.Delete(Source("val/label/00001.png"));
        await RefusedAsync("val/00001: the mask is missing");
    }

    [Fact]
    public async Task Pack_DatesOfDifferentSize_NamesBothFilesWithTheirSizes()
    {
        BadImages.Shrink(Source(Before), 48);
        await RefusedAsync($"{Before} is 48x48x3", "train/time2/00000.png is 64x64x3", "Both dates must have one size");
    }

    [Fact]
    public async Task Pack_MaskOfAnotherSize_NamesBothFilesWithTheirSizes()
    {
        BadImages.Shrink(Source(Mask), 32);
        await RefusedAsync($"{Before} is 64x64", $"{Mask} is 32x32", "must cover the same pixels");
    }

    [Fact]
    public async Task Pack_TrainingSplitWithoutAChangedPixel_IsRefused()
    {
        BadImages.ClearMask(Source(Mask));
        await RefusedAsync("The split 'train' has not one changed pixel", Mask, "look whether the masks are the right files");
    }

    [Fact]
    public async Task Pack_ImageBomb_IsRefusedByItsHeaderWithinLittleMemory()
    {
        BadImages.MakeBomb(Source(Before));
        var before = GC.GetTotalAllocatedBytes();
        await RefusedAsync(Before, "50000x50000x3", "over the limit", "Cut the image into tiles");
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 512L << 20);
    }

    [Fact]
    public async Task Pack_TruncatedImage_IsNamedWithTheRemedy()
    {
        BadImages.Truncate(Source(Before));
        await RefusedAsync($"{Before}: truncated", "Copy or download the file again.");
    }

    [Fact]
    public async Task Pack_SeveralBadPairs_AreAllToldAtOnce()
    {
        BadImages.Truncate(Source(Before));
        File.Delete(Source("val/label/00001.png"));
        BadImages.Shrink(Source("test/label/00002.png"), 32);
        await RefusedAsync(Before, "val/00001", "test/label/00002.png");
    }

    private string Source(string path) => _folder[$"source/{path}"];

    private async Task RefusedAsync(params string[] said)
    {
        (await SmallDataset.PackAsync(_folder)).Refused(1, said);
        Assert.False(Directory.Exists(_folder["dataset"]));
    }
}
