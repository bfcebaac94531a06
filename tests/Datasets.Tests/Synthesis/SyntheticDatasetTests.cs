using System.Security.Cryptography;
using ChangeDetection.Datasets.Synthesis;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests.Synthesis;

public sealed class SyntheticDatasetTests
{
    [Fact]
    public async Task WriteAsync_TenPairs_WritesTheSysuLayout()
    {
        using var folder = new TemporaryFolder();
        var counts = new List<int>();

        await SyntheticDataset.WriteAsync(folder["set"], 10, seed: 5, size: 32, new Recorded(counts), CancellationToken.None);

        foreach (var (split, count) in new[] { ("train", 6), ("val", 2), ("test", 2) })
        {
            foreach (var part in new[] { "time1", "time2", "label" })
                Assert.Equal(count, Directory.GetFiles(Path.Combine(folder["set"], split, part), "*.png").Length);
        }
        var names = Directory.GetFiles(Path.Combine(folder["set"], "test", "label")).Select(Path.GetFileName).Order();
        Assert.Equal(["00008.png", "00009.png"], names);
        Assert.Equal(Enumerable.Range(1, 10), counts.Order());
        var mask = ImageCodec.DecodeMask(await File.ReadAllBytesAsync(Path.Combine(folder["set"], "test", "label", "00009.png")), "mask");
        Assert.Equal(SceneSynthesizer.Generate(5, 9, 32).Mask.Bytes, mask.Bytes);
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task WriteAsync_Twice_WritesTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["empty"]);

        await SyntheticDataset.WriteAsync(folder["first"], 4, 9, 32, null, CancellationToken.None);
        await SyntheticDataset.WriteAsync(folder["empty"] + "/", 4, 9, 32, null, CancellationToken.None);

        Assert.Equal(Digests(folder["first"]), Digests(folder["empty"]));
        Assert.Equal(12, Digests(folder["first"]).Count);
    }

    [Fact]
    public async Task WriteAsync_IntoAFolderWithContents_IsRefusedAndTouchesNothing()
    {
        using var folder = new TemporaryFolder();
        folder.Write("set/mine.txt", "mine");

        var e = await Assert.ThrowsAsync<IOException>(() => SyntheticDataset.WriteAsync(folder["set"], 4, 9, 32, null, CancellationToken.None));

        Assert.Contains("set", e.Message, StringComparison.Ordinal);
        Assert.Equal([folder["set/mine.txt"]], Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task WriteAsync_Cancelled_LeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            SyntheticDataset.WriteAsync(folder["set"], 500, 9, 32, new CancelAt(3, cancellation), cancellation.Token));

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory, InlineData(3, 1, 1, 1), InlineData(10, 6, 2, 2), InlineData(100, 70, 15, 15), InlineData(200, 140, 30, 30)]
    public void Split_IsSeventyFifteenFifteen(int pairs, int train, int validation, int test) =>
        Assert.Equal((train, validation, test), SyntheticDataset.Split(pairs));

    private static List<string> Digests(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => $"{Path.GetRelativePath(folder, file)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}")
                .Order(StringComparer.Ordinal)];

    private sealed class Recorded(List<int> counts) : IProgress<int>
    {
        public void Report(int value)
        {
            lock (counts)
                counts.Add(value);
        }
    }

    private sealed class CancelAt(int count, CancellationTokenSource cancellation) : IProgress<int>
    {
        public void Report(int value)
        {
            if (value >= count)
                cancellation.Cancel();
        }
    }
}
