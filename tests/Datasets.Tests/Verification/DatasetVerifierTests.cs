using System.Security.Cryptography;
using System.Text;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Datasets.Verification;
using ChangeDetection.Imaging.Codecs;
using ImageWriter = ChangeDetection.TestKit.Images.PngWriter;

namespace ChangeDetection.Datasets.Tests.Verification;

public sealed class DatasetVerifierTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Fact]
    public async Task Verify_AnyFlippedBitOfAShard_NamesTheShard()
    {
        await PackAsync();
        var length = new FileInfo(Packed("train-000000.tar")).Length;
        for (var offset = 0L; offset < length; offset += 97)
        {
            ShardDatasetTests.FlipBit(Packed("train-000000.tar"), offset);
            var found = await VerifyAsync();
            Assert.NotEmpty(found.Damages);
            Assert.All(found.Damages, damage => Assert.Equal("train-000000.tar", damage.File));
            ShardDatasetTests.FlipBit(Packed("train-000000.tar"), offset);
        }
        Assert.True((await VerifyAsync()).IsSound);
    }

    [Fact]
    public async Task Verify_ADamagedField_NamesSampleAndField()
    {
        await PackAsync();
        var dataset = await ShardDataset.OpenAsync(_source.Store, CancellationToken.None);
        var index = await dataset.ReadIndexAsync(dataset.Manifest.Splits["train"].Shards[0], CancellationToken.None);
        ShardDatasetTests.FlipBit(Packed("train-000000.tar"), index.Find(1, SampleFields.Mask)!.Value.Offset + 3);
        var damages = (await VerifyAsync()).Damages;
        Assert.Equal(2, damages.Count);
        Assert.StartsWith("train-000000.tar is damaged: b.mask.png at offset", damages[0].ToString());
        Assert.Contains("has the SHA-256", damages[1].ToString());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-512)]
    [InlineData(1)]
    public async Task Verify_AShardOfAnotherLength_SaysBoth(int more)
    {
        await PackAsync();
        using (var file = File.OpenWrite(Packed("train-000000.tar")))
            file.SetLength(file.Length + more);
        Assert.Matches(@"^train-000000\.tar has \d+ bytes instead of \d+\. Copy the file again", Assert.Single((await VerifyAsync()).Damages).ToString());
    }

    [Fact]
    public async Task Verify_SeveralDamages_NamesEach()
    {
        await PackAsync();
        File.Delete(Packed("train-000000.tar"));
        ShardDatasetTests.FlipBit(Packed("val-000000.idx"), 9);
        Assert.Equal(["train-000000.tar", "val-000000.idx"], (await VerifyAsync()).Damages.Select(damage => damage.File));
    }

    [Fact]
    public async Task Verify_AnIndexThatPointsElsewhere_IsFoundThoughItsHashIsRight()
    {
        await PackAsync();
        var index = File.ReadAllText(Packed("train-000000.idx")).Replace("a.after.png", "x.after.png").Replace(
            "a.before.png", "x.before.png").Replace("a.mask.png", "x.mask.png").Replace("a.json", "x.json");
        var sums = File.ReadAllText(Packed("train-000000.sum")).Replace(" a.", " x.");
        await RewriteAsync(shard => shard with { IndexSha256 = Hash(index), SumSha256 = Hash(sums) });
        File.WriteAllText(Packed("train-000000.idx"), index);
        File.WriteAllText(Packed("train-000000.sum"), sums);
        Assert.Contains("the tar has no header of that name", (await VerifyAsync()).Damages[0].Problem);
    }

    [Fact]
    public async Task Verify_ChangedSamplesThatAreOthers_AreFoundByDecoding()
    {
        await PackAsync();
        await RewriteAsync(shard => shard with { ChangedSamples = SampleBits.Parse(shard.ChangedSamples!, shard.Samples)!.Complement().ToString() });
        Assert.True((await VerifyAsync()).IsSound);
        var damages = (await VerifyAsync(deep: true)).Damages;
        Assert.NotEmpty(damages);
        Assert.All(damages, damage => Assert.Contains("changed_samples", damage.Problem));
    }

    [Fact]
    public async Task Verify_AWrongChangeFraction_IsFoundByDecoding()
    {
        await PackAsync();
        await RewriteAsync(shard => shard with { ChangeFraction = 0.125 });
        Assert.True((await VerifyAsync()).IsSound);
        Assert.Contains("has the change fraction 0.5 instead of 0.125", Assert.Single((await VerifyAsync(deep: true)).Damages).Problem);
    }

    [Fact]
    public async Task Verify_AnyFlippedBitOfTheManifestOrASidecar_IsFound()
    {
        await PackAsync();
        foreach (var name in new[] { "dataset.json", "train-000000.idx", "train-000000.sum" })
        {
            var length = new FileInfo(Packed(name)).Length;
            for (var offset = 0L; offset < length; offset += 7)
            {
                ShardDatasetTests.FlipBit(Packed(name), offset, (int)(offset % 8));
                try
                {
                    Assert.Contains((await VerifyAsync()).Damages, damage => damage.File == name);
                }
                catch (ShardCorruptException error)
                {
                    Assert.Equal("dataset.json", error.File);
                }
                ShardDatasetTests.FlipBit(Packed(name), offset, (int)(offset % 8));
            }
        }
        Assert.True((await VerifyAsync()).IsSound);
    }

    [Fact]
    public async Task Verify_AMemberThatNoIndexNames_IsFound()
    {
        await PackAsync();
        var tar = File.ReadAllBytes(Packed("train-000000.tar"));
        byte[] longer = [.. tar[..^1024], .. Indexing.ForeignTars.Header("stowaway.before.png", 3), .. new byte[512], .. new byte[1024]];
        File.WriteAllBytes(Packed("train-000000.tar"), longer);
        await RewriteAsync(shard => shard with { Bytes = longer.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(longer)) });
        Assert.Contains("holds the member 'stowaway.before.png', which its index does not name", Assert.Single((await VerifyAsync()).Damages).Problem);
    }

    [Fact]
    public async Task Verify_ShardsThatNoManifestNames_AreFound()
    {
        await PackAsync();
        File.Copy(Packed("train-000000.tar"), Packed("train-000001.tar"));
        Assert.StartsWith("train-000001.tar is not in dataset.json. Delete it", Assert.Single((await VerifyAsync()).Damages).ToString());
    }

    [Fact]
    public async Task Verify_AnImageThatCannotBeDecoded_IsFoundThoughEveryHashIsRight()
    {
        var cut = PngWithBadPixels();
        await ShardSamples.WriteAsync(
            _source.Store, [ShardSamples.Sample("a", cut, cut, "{}"u8.ToArray(), PngEncoder.Encode(PatternImages.Grey(16, 16, 0, 255)))]);
        Assert.True((await VerifyAsync()).IsSound);
        Assert.Contains((await VerifyAsync(deep: true)).Damages, damage => damage.Problem.Contains("a.before.png", StringComparison.Ordinal));
    }

    /// <summary>A sound header, and pixels that inflate to too little.</summary>
    private static byte[] PngWithBadPixels() =>
        [.. new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A }, .. ImageWriter.HeaderChunk(new(16, 16, 8, PngColor.Grey, false)),
            .. ImageWriter.Chunk("IDAT", ImageWriter.Deflate(new byte[30])), .. ImageWriter.Chunk("IEND", [])];

    [Fact]
    public async Task Verify_SamplesThatCannotTrain_AreNamed()
    {
        await ShardSamples.WriteAsync(_source.Store, [ShardSamples.Sample("a", "after"u8.ToArray()), ShardSamples.Sample("b")]);
        var damages = (await VerifyAsync()).Damages;
        Assert.Contains(damages, damage => damage.Problem.Contains("a.after.png", StringComparison.Ordinal));
        Assert.All(damages, damage => Assert.Equal("train-000000.tar", damage.File));
    }

    private async Task PackAsync()
    {
        _source.AddSysu("train", "a").AddSysu("train", "b").AddSysu("val", "c");
        await _source.PackAsync();
    }

    private string Packed(string name) => Path.Combine(_source.Destination, name);

    private async Task<DatasetVerification> VerifyAsync(bool deep = false) =>
        await new DatasetVerifier(await ShardDataset.OpenAsync(_source.Store, CancellationToken.None), deep).VerifyAsync(null, CancellationToken.None);

    private async Task RewriteAsync(Func<ShardManifest, ShardManifest> change)
    {
        var manifest = (await ShardDataset.OpenAsync(_source.Store, CancellationToken.None)).Manifest;
        var train = manifest.Splits["train"];
        File.WriteAllBytes(Packed("dataset.json"), DatasetManifestFile.Format(manifest with
        {
            Splits = new Dictionary<string, SplitManifest>(
                manifest.Splits) { ["train"] = train with { Shards = [change(train.Shards[0])], Bytes = change(train.Shards[0]).Bytes } },
        }));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
