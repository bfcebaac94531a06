using System.Globalization;
using System.Security.Cryptography;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Worker.Tests.Data.Shards;

/// <summary>Shards and members beyond what 32 bits, or a ustar header, can say.</summary>
public sealed class LargeShardTests
{
    internal const long Gap = 4L << 30;
    private const int TarBlock = 512;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ShardAbove4GiB_IsReadToItsLastSample()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 6 }, shardBytes: 1 << 20);
        var expected = await ReadAsync(dataset);
        await MoveApartAsync(dataset, hash: false);
        Assert.Equal(expected.Hash, (await ReadAsync(dataset)).Hash);
    }

    [Fact]
    public async Task MemberAbove8GiB_IsRefusedByName()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2 }, shardBytes: 1 << 20);
        var manifest = (await ShardDataset.OpenAsync(dataset.Store, Token)).Manifest;
        var shard = manifest.Splits["train"].Shards[0];
        var path = dataset[ShardNames.Index(shard.Name)];
        var words = (await File.ReadAllLinesAsync(path, Token))[^1].Split(' ');
        words[^2] = (9L << 30).ToString(CultureInfo.InvariantCulture);
        await RewriteAsync(
            dataset, manifest, shard, [.. (await File.ReadAllLinesAsync(path, Token))[..^1], string.Join(' ', words)], added: 9L << 30, shard.Sha256);
        var error = await Assert.ThrowsAsync<ShardCorruptException>(() => ReadAsync(dataset));
        Assert.Contains($"{words[^1]} {9L << 30} bytes, more than a field may have", error.Message, StringComparison.Ordinal);
    }

    private static async Task<Delivered> ReadAsync(PackedDataset dataset) =>
        await Delivered.ReadAsync((await RunDataLoader.OpenAsync(dataset.Config(), Token)).Training.ReadEpochAsync(0, 0, Token));

    /// <summary>Puts a hole between the first samples of the first shard and its others. It takes no room on the disk.</summary>
    internal static async Task MoveApartAsync(PackedDataset dataset, bool hash)
    {
        var manifest = (await ShardDataset.OpenAsync(dataset.Store, Token)).Manifest;
        var shard = manifest.Splits["train"].Shards[0];
        var lines = await File.ReadAllLinesAsync(dataset[ShardNames.Index(shard.Name)], Token);
        var at = long.Parse(lines[3].Split(' ')[1], CultureInfo.InvariantCulture) - TarBlock;
        var rest = (await File.ReadAllBytesAsync(dataset[shard.Name], Token))[(int)at..];
        using (var tar = File.OpenWrite(dataset[shard.Name]))
        {
            tar.SetLength(at);
            tar.Position = at + Gap;
            tar.Write(rest);
        }
        var sha256 = hash ? await HashAsync(dataset[shard.Name]) : shard.Sha256;
        await RewriteAsync(dataset, manifest, shard, [.. lines.Select((line, number) => number < 3 ? line : Shifted(line))], Gap, sha256);
    }

    private static string Shifted(string line) => string.Join(' ', line.Split(' ').Select((word, index) =>
        index % 4 == 1 ? (long.Parse(word, CultureInfo.InvariantCulture) + Gap).ToString(CultureInfo.InvariantCulture) : word));

    private static async Task RewriteAsync(
        PackedDataset dataset, DatasetManifest manifest, ShardManifest shard, IReadOnlyList<string> index, long added, string sha256)
    {
        var text = string.Concat(index.Select(line => $"{line}\n"));
        await File.WriteAllTextAsync(dataset[ShardNames.Index(shard.Name)], text, Token);
        var split = manifest.Splits["train"];
        var large = shard
            with { Bytes = shard.Bytes
                + added, Sha256 = sha256, IndexSha256 = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text))) };
        var splits = new Dictionary<string, SplitManifest> { [
            "train"] = split with { Shards = [large, .. split.Shards.Skip(1)], Bytes = split.Bytes + added } };
        await File.WriteAllBytesAsync(dataset[DatasetManifest.FileName], DatasetManifestFile.Format(manifest with { Splits = splits }), Token);
        using var tar = File.OpenWrite(dataset[shard.Name]);
        tar.SetLength(large.Bytes);
    }

    private static async Task<string> HashAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, Token));
    }
}
