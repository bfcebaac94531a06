using System.Text;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using CsCheck;

namespace ChangeDetection.Datasets.Tests.Shards;

/// <summary>Samples and data sets for tests of the format, without images.</summary>
internal static class ShardSamples
{
    /// <summary>Lists of samples with unique keys and one to four fields of 0 to 2,000 bytes.</summary>
    public static Gen<ShardSample[]> Generator { get; } =
        Gen.Select(
            Gen.Byte.Array[0, 2000].Array[1, 4],
            Gen.Char["abcXYZ059-_"].Array[1, 60])
        .Array[1, 12]
        .Select(drawn => drawn.Select((sample, number) => Sample($"{number}{new string(sample.Item2)}", sample.Item1)).ToArray());

    public static ShardSample Sample(string key, params byte[][] fields)
    {
        var names = new[] { "after.png", "before.png", "json", "mask.png" };
        return new()
        {
            Key = key,
            Changed = 1,
            Pixels = 4,
            Fields = fields.Select((bytes, field) => (names[field], (ReadOnlyMemory<byte>)bytes)).Reverse().ToDictionary(),
        };
    }

    public static ShardSample Sample(string key) => Sample(key, Encoding.UTF8.GetBytes($"after {key}"), Encoding.UTF8.GetBytes($"before {key}"));

    /// <summary>Writes the samples as the one split of a finished data set.</summary>
    public static async Task<ShardDataset> WriteAsync(
        IObjectStore store, IEnumerable<ShardSample> samples, long targetBytes = ShardWriter.DefaultTargetBytes, string split = "train")
    {
        var written = await new ShardWriter(store, split) { TargetBytes = targetBytes }.WriteAsync(samples.ToAsyncEnumerable(), CancellationToken.None);
        var manifest = DatasetManifestFile.Format(Manifest(split, written));
        await store.PutAsync(
            new ObjectKey(DatasetManifest.FileName), async (stream, token) => await stream.WriteAsync(manifest, token), CancellationToken.None);
        return await ShardDataset.OpenAsync(store, CancellationToken.None);
    }

    public static DatasetManifest Manifest(string split, SplitManifest shards) => new()
    {
        Name = "made-up",
        Channels = 1,
        Splits = new Dictionary<string, SplitManifest> { [split] = shards },
        Statistics = new([100], [20]),
        Provenance = new("source", "none", "tests"),
    };

    /// <summary>A manifest of one shard that keeps every rule.</summary>
    public static DatasetManifest Manifest() => Manifest("train", new() { Shards = [Shard()], Samples = 2, Bytes = 10240, ChangeFraction = 0.25 });

    public static ShardManifest Shard() => new()
    {
        Name = "train-000000.tar",
        Bytes = 10240,
        Sha256 = new('a', 64),
        Samples = 2,
        ChangeFraction = 0.25,
        IndexSha256 = new('b', 64),
        SumSha256 = new('c', 64),
    };
}
