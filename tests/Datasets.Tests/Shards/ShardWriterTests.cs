using System.Formats.Tar;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.TestKit;
using CsCheck;

namespace ChangeDetection.Datasets.Tests.Shards;

[Needs(Resource.Processes)]
public sealed class ShardWriterTests
{
    [Fact]
    public void Write_AnySamples_ReadsBackTheSameBytes() =>
        ShardSamples.Generator.Sample(samples =>
        {
            using var folder = new TemporaryFolder();
            var dataset = ShardSamples.WriteAsync(new FileObjectStore(folder.Path), samples, targetBytes: 8192).GetAwaiter().GetResult();
            Assert.Equal(Describe(samples), ReadAllAsync(dataset).GetAwaiter().GetResult());
        }, iter: 30);

    [Fact]
    public void Write_AnySamples_IsATarWhoseMembersStandWhereTheIndexSays() =>
        ShardSamples.Generator.Sample(samples =>
        {
            using var folder = new TemporaryFolder();
            var dataset = ShardSamples.WriteAsync(new FileObjectStore(folder.Path), samples, targetBytes: 8192).GetAwaiter().GetResult();
            foreach (var shard in dataset.Manifest.Splits["train"].Shards)
            {
                var index = dataset.ReadIndexAsync(shard, CancellationToken.None).GetAwaiter().GetResult();
                var indexed = Enumerable.Range(0, index.Count).SelectMany(
                    sample => index.Fields(sample).Select(field => ($"{index.Key(sample)}.{field.Name}", field.Offset, (long)field.Length)));
                Assert.Equal(indexed, Members(folder[shard.Name]));
            }
        }, iter: 30);

    [Fact]
    public async Task Write_TheSameSamplesTwice_GivesTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        var samples = Enumerable.Range(0, 20).Select(number => ShardSamples.Sample($"s{number}")).ToList();
        await ShardSamples.WriteAsync(new FileObjectStore(folder["one"]), samples, 16384);
        await ShardSamples.WriteAsync(new FileObjectStore(folder["two"]), samples, 16384);
        var names = Directory.EnumerateFiles(folder["one"]).Select(path => Path.GetFileName(path)).Order().ToList();
        Assert.True(names.Count > 7, "several shards");
        foreach (var name in names)
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(folder["one"], name)), await File.ReadAllBytesAsync(Path.Combine(folder["two"], name)));
    }

    [Fact]
    public async Task Write_MoreThanTheTarget_RollsOverBeforeItAndKeepsTheOrder()
    {
        using var folder = new TemporaryFolder();
        var samples = Enumerable.Range(0, 50).Select(number => ShardSamples.Sample($"s{number:00}", new byte[1000], new byte[3000])).ToList();
        var dataset = await ShardSamples.WriteAsync(new FileObjectStore(folder.Path), samples, 32768);
        var shards = dataset.Manifest.Splits["train"].Shards;
        Assert.True(shards.Count > 5);
        Assert.All(shards.SkipLast(1), shard => Assert.InRange(shard.Bytes, 32768 - 5632, 32768));
        Assert.All(shards, shard => Assert.Equal(new FileInfo(folder[shard.Name]).Length, shard.Bytes));
        Assert.Equal(Describe(samples), await ReadAllAsync(dataset));
        Assert.Equal(0.25, dataset.Manifest.Splits["train"].ChangeFraction);
    }

    [Fact]
    public async Task Write_ASampleLargerThanTheTarget_GetsAShardOfItsOwn()
    {
        using var folder = new TemporaryFolder();
        var dataset = await ShardSamples.WriteAsync(
            new FileObjectStore(folder.Path), [ShardSamples.Sample("a"), ShardSamples.Sample("b", new byte[50000]), ShardSamples.Sample("c")], 16384);
        Assert.Equal([1, 1, 1], dataset.Manifest.Splits["train"].Shards.Select(shard => shard.Samples));
    }

    [Theory]
    [InlineData("a.b", "contains a dot")]
    [InlineData("../a", "contains a dot")]
    [InlineData("/a", "has an empty segment")]
    [InlineData("a b", "has the character")]
    [InlineData("", "is empty")]
    public async Task Write_AKeyThatIsNone_IsRefusedAndLeavesNothing(string key, string rule)
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => ShardSamples.WriteAsync(new FileObjectStore(folder.Path), [ShardSamples.Sample("fine"), ShardSamples.Sample(key)]));
        Assert.Contains(rule, error.Message);
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public async Task Write_TwoSamplesOfOneKey_IsRefusedEvenInDifferentShards()
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => ShardSamples
            .WriteAsync(new FileObjectStore(folder.Path), [ShardSamples.Sample("a"), ShardSamples.Sample("b"), ShardSamples.Sample("a")], 1));
        Assert.Contains("'a'", error.Message);
    }

    [Fact]
    public async Task Write_NoSample_IsRefused()
    {
        using var folder = new TemporaryFolder();
        await Assert.ThrowsAsync<ArgumentException>(() => ShardSamples.WriteAsync(new FileObjectStore(folder.Path), []));
    }

    [Fact]
    public async Task Write_AShard_IsAWebDatasetForPythonsTarfile()
    {
        using var folder = new TemporaryFolder();
        await ShardSamples.WriteAsync(new FileObjectStore(folder.Path), [ShardSamples.Sample("one"), ShardSamples.Sample("two")]);
        // The grouping rule of the webdataset package: a sample is consecutive members with one name up to the first dot.
        folder.Write("read.py", """
            import itertools, sys, tarfile
            with tarfile.open(sys.argv[1], "r|") as tar:
                members = [(m.name.split(".", 1), m.isreg(), m.mtime, m.uid, tar.extractfile(m).read().decode()) for m in tar]
            for key, group in itertools.groupby(members, lambda m: m[0][0]):
                print(key, [(m[0][1], m[1], m[2], m[3], m[4]) for m in group])
            """);
        Assert.Equal(
            "one [('after.png', True, 0, 0, 'after one'), ('before.png', True, 0, 0, 'before one')]\n" +
            "two [('after.png', True, 0, 0, 'after two'), ('before.png', True, 0, 0, 'before two')]\n",
            await Python.RunOrSkipAsync(folder["read.py"], folder["train-000000.tar"]));
    }

    private static List<(string Name, long Offset, long Length)> Members(string path)
    {
        using var tar = new TarReader(File.OpenRead(path));
        var members = new List<(string, long, long)>();
        while (tar.GetNextEntry() is { } entry)
        {
            Assert.Equal((TarEntryType.RegularFile, TarEntryFormat.Ustar, DateTimeOffset.UnixEpoch), (entry.EntryType, entry.Format, entry.ModificationTime));
            members.Add((entry.Name, entry.DataOffset, entry.Length));
        }
        return members;
    }

    private static List<string> Describe(IEnumerable<ShardSample> samples) =>
        [.. samples
            .SelectMany(
            sample => sample.Fields.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => $"{sample.Key}.{field.Key}={Convert.ToHexString(field.Value.Span)}"))];

    private static async Task<List<string>> ReadAllAsync(ShardDataset dataset)
    {
        var read = new List<string>();
        foreach (var shard in dataset.Manifest.Splits["train"].Shards)
        {
            var index = await dataset.ReadIndexAsync(shard, CancellationToken.None);
            for (var sample = 0; sample < index.Count; sample++)
            {
                foreach (var field in index.Fields(sample))
                    read.Add(
                        $"{index.Key(sample)}.{field.Name}={Convert.ToHexString(await dataset.ReadFieldAsync(index, sample, field, CancellationToken.None))}");
            }
        }
        return read;
    }
}
