using System.Text;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Datasets.Tests.Packing;

[Needs(Resource.Processes)]
public sealed class PassThroughTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Fact]
    public async Task Pack_PngsAsWeWouldWriteThem_GoIntoTheShardAsTheyAre()
    {
        var before = TestImages.Save(PatternImages.Rgb(seed: 7), ".png[compression=1,keep=none]");
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 0, 1)).Write("train/time1/a.png", before);
        await _source.PackAsync();
        Assert.Equal(Without(before, "pHYs"), await FieldAsync("before.png"));
        Assert.NotEqual(PngEncoder.Encode(PatternImages.Rgb(seed: 7)), await FieldAsync("before.png"));
    }

    [Fact]
    public async Task Pack_APngWithTextTimeAndProfile_LeavesThemBehind()
    {
        var plain = PngEncoder.Encode(PatternImages.Rgb(seed: 7));
        byte[] chatty = [
            .. plain[..33], .. PngWriter.Chunk("tEXt", "Author\0somebody's name"u8),
            .. PngWriter.Chunk("tIME", [7, 230, 1, 1, 1, 1, 1]), .. plain[33..]];
        _source.AddSysu("train", "a").Write("train/time1/a.png", chatty);
        await _source.PackAsync();
        Assert.Equal(Without(plain, "pHYs"), await FieldAsync("before.png"));
    }

    public static TheoryData<string> OtherKinds => ["palette", "rgba", "interlaced", "bmp"];

    [Theory, MemberData(nameof(OtherKinds))]
    public async Task Pack_AnyOtherKind_IsEncodedAnew(string kind)
    {
        var image = PatternImages.Rgb(seed: 7);
        byte[] file = kind switch
        {
            "interlaced" => TestImages.Save(image, ".png[interlace]"),
            "bmp" => TestImages.Bmp(image, 24, topDown: false),
            _ => PngWriter.Write(new Random(1), new PngHeader(16, 16, 8, kind == "palette" ? PngColor.Palette : PngColor.Rgba, false), null),
        };
        _source.AddSysu("train", "a").Write("train/time1/a.png", file);
        await _source.PackAsync(new PackOptions { Tool = "tests", NoData = new NoDataRule(Alpha: AlphaUse.Drop) });
        Assert.Equal(PngEncoder.Encode(ImageCodec.Decode(file, "expected")), await FieldAsync("before.png"));
    }

    [Fact]
    public async Task Pack_AMaskOfOtherLevels_IsEncodedAnewBesideImagesThatPass()
    {
        var before = TestImages.Save(PatternImages.Rgb(seed: 7), ".png[compression=1,keep=none]");
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 0, 255)).Write("train/time1/a.png", before);
        await _source.PackAsync();
        Assert.Equal(Without(before, "pHYs"), await FieldAsync("before.png"));
        Assert.Equal(PngEncoder.Encode(PatternImages.Grey(16, 16, 0, 1)), await FieldAsync("mask.png"));
    }

    [Fact]
    public async Task Pack_ACrop_IsEncodedAnew()
    {
        _source.AddSysu("train", "a");
        await _source.PackAsync(splits: "train=train/a@0,0,8,8");
        Assert.Equal(new ImageShape(8, 8, 3, PixelType.UInt8), ImageCodec.Probe(await FieldAsync("before.png"), "a"));
    }

    [Fact]
    public async Task Pack_AnUntouchedFileThatIsDamaged_IsFoundAllTheSame()
    {
        _source.AddSysu("train", "a");
        var png = File.ReadAllBytes(_source["train/time2/a.png"]);
        png[^20] ^= 1;
        _source.Write("train/time2/a.png", png);
        Assert.Contains("train/time2/a.png", await _source.RefusedAsync<DatasetSourceException>());
    }

    [Fact]
    public async Task Pack_ForPythonsStandardLibrary_IsAWebDatasetOfPngs()
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 0, 1)).AddSysu("train", "b", PatternImages.Grey(16, 16, 0, 1));
        await _source.PackAsync();
        var script = Path.Combine(_source.Destination, "read.py");
        File.WriteAllText(script, """
            import itertools, json, struct, sys, tarfile, zlib
            def pixels(png):
                assert png[:8] == b"\x89PNG\r\n\x1a\n"
                at, data = 8, b""
                while at < len(png):
                    length, kind = struct.unpack(">I4s", png[at:at + 8])
                    body = png[at + 8:at + 8 + length]
                    assert struct.unpack(">I", png[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + body)
                    if kind == b"IHDR": width, height, depth, color = struct.unpack(">IIBB", body[:10])
                    if kind == b"IDAT": data += body
                    at += 12 + length
                assert len(zlib.decompress(data)) == height * (1 + width * {0: 1, 2: 3}[color] * depth // 8)
                return f"{width}x{height}x{ {0: 1, 2: 3}[color] }"
            with tarfile.open(sys.argv[1], "r|") as tar:
                members = [(*m.name.split(".", 1), tar.extractfile(m).read()) for m in tar]
            for key, group in itertools.groupby(members, lambda m: m[0]):
                print(key, *(f"{field}={json.loads(data)['changed'] if field == 'json' else pixels(data)}" for _, field, data in group))
            """);
        Assert.Equal(
            "a after.png=16x16x3 before.png=16x16x3 json=128 mask.png=16x16x1\nb after.png=16x16x3 before.png=16x16x3 json=128 mask.png=16x16x1\n",
            await Python.RunOrSkipAsync(script, Path.Combine(_source.Destination, "train-000000.tar")));
    }

    private async Task<byte[]> FieldAsync(string name)
    {
        var dataset = await ShardDataset.OpenAsync(_source.Store, CancellationToken.None);
        var index = await dataset.ReadIndexAsync(dataset.Manifest.Splits["train"].Shards[0], CancellationToken.None);
        return await dataset.ReadFieldAsync(index, 0, index.Fields(0).Single(field => field.Name == name), CancellationToken.None);
    }

    /// <summary>A PNG without its chunks of a kind: libvips always writes the resolution.</summary>
    private static byte[] Without(byte[] png, string chunk)
    {
        var at = png.AsSpan().IndexOf(Encoding.ASCII.GetBytes(chunk));
        return at < 0 ? png : [.. png[..(at - 4)], .. png[(at + 8 + png[at - 1])..]];
    }
}
