using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests.Packing;

/// <summary>A pair that is read by rows becomes, to the byte, what it becomes when it is decoded whole.</summary>
public sealed class LargePairTests : IDisposable
{
    private const int Width = 150, Height = 131;
    private static readonly byte[] s_greys = [0, 40, 255];

    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Theory]
    [InlineData(32, null, "png", "grey")]
    [InlineData(32, 7, "png", "colour")]
    [InlineData(64, 40, "tif", "grey")]
    [InlineData(16, null, "tif", "words")]
    [InlineData(131, 1, "tif16", "large-words")]
    [InlineData(50, 50, "tif16", "floats")]
    [InlineData(33, 20, "float", "one-and-two")]
    public async Task Pack_ByRows_GivesTheSameBytes(int tile, int? stride, string images, string mask)
    {
        Write(images, mask);
        var options = Options(tile, stride) with { Masks = Rule(mask) };
        var (whole, byRows) = await PackBothAsync(options);
        Assert.Equal(whole.Keys, byRows.Keys);
        Assert.All(whole, file => Assert.Equal(file.Value, byRows[file.Key]));
    }

    [Theory, InlineData("tif", 7, 3), InlineData("png", 0, 31), InlineData("tif", 86, 67), InlineData("png", 86, 67)]
    public async Task Pack_ACropByRows_GivesTheSameBytes(string images, int x, int y)
    {
        Write(images, "grey");
        var (whole, byRows) = await PackBothAsync(Options(32, 20) with { Masks = Rule("grey"), Splits = [SplitRule.Parse($"train=train/*@{x},{y},64,64")] });
        Assert.All(whole, file => Assert.Equal(file.Value, byRows[file.Key]));
    }

    [Fact]
    public async Task Pack_ClassesByRows_GivesTheSameBytes()
    {
        Write("png", "grey");
        var (whole, byRows) = await PackBothAsync(Options(32, null) with
        {
            Masks = MaskOptions.Parse(null, [ClassRule.Parse("none=0"), ClassRule.Parse("some=40"), ClassRule.Parse("much=255")], null, null),
        });
        Assert.All(whole, file => Assert.Equal(file.Value, byRows[file.Key]));
    }

    [Fact]
    public async Task Pack_SizesThatDiffer_AreRefusedWithBoth()
    {
        Write("tif", "grey");
        SceneFiles.Write(_source["train/time2/a.tif"], PatternImages.Rgb(Width, Height - 1, seed: 5));
        var error = await Assert.ThrowsAsync<DatasetSourceException>(() => _source.PackAsync(Options(32, null) with { WholeBytes = 0, Masks = Rule("grey") }));
        Assert.Contains($"{Width}x{Height}x3 UInt8", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{Width}x{Height - 1}x3 UInt8", error.Message, StringComparison.Ordinal);
        _source.AssertNothingWritten();
    }

    [Theory, InlineData("train/time2/a.tif"), InlineData("train/label/a.tif")]
    public async Task Pack_FileCutShort_IsNamedAndNothingIsWritten(string file)
    {
        Write("tif", "grey");
        // The directory stays, at the end; what goes is a piece of the pixels before it.
        var bytes = await File.ReadAllBytesAsync(_source[file], CancellationToken.None);
        var directory = BitConverter.ToInt32(bytes, 4);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), 8);
        await File.WriteAllBytesAsync(_source[file], [.. bytes.AsSpan(0, 8), .. bytes.AsSpan(directory)], CancellationToken.None);
        var error = await Assert.ThrowsAsync<DatasetSourceException>(() => _source.PackAsync(Options(32, null) with { WholeBytes = 0, Masks = Rule("grey") }));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        _source.AssertNothingWritten();
    }

    private static PackOptions Options(int tile, int? stride) => new() { Tool = "tests", Encoding = PackEncoding.Raw, Tiling = Tiling.Create(tile, stride) };

    private async Task<(SortedDictionary<string, byte[]> Whole, SortedDictionary<string, byte[]> ByRows)> PackBothAsync(PackOptions options) =>
        (await PackAsync(options), await PackAsync(options with { WholeBytes = 0 }));

    private async Task<SortedDictionary<string, byte[]>> PackAsync(PackOptions options)
    {
        await _source.PackAsync(options);
        var files = new SortedDictionary<string, byte[]>(
            Directory.EnumerateFiles(_source.Destination).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes), StringComparer.Ordinal);
        Directory.Delete(_source.Destination, recursive: true);
        return files;
    }

    private void Write(string images, string mask)
    {
        var extension = images == "png" ? "png" : "tif";
        Write($"train/time1/a.{extension}", Image(images, seed: 1));
        Write($"train/time2/a.{extension}", Image(images, seed: 2));
        Write($"train/label/a.{extension}", Mask(mask));
    }

    private void Write(string path, PixelImage image)
    {
        if (path.EndsWith("png", StringComparison.Ordinal))
        {
            _source.Write(path, image);
            return;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(_source[path])!);
        SceneFiles.Write(_source[path], image);
    }

    private static PixelImage Image(string kind, int seed) => kind switch
    {
        "tif16" => Words(channels: 5, at => (ushort)(at * 37 + seed * 991)),
        "float" => Floats(channels: 2, at => at * 0.25f - seed),
        _ => PatternImages.Rgb(Width, Height, seed),
    };

    private static PixelImage Mask(string kind) => kind switch
    {
        "colour" => PatternImages.Make(new(Width, Height, 3, PixelType.UInt8), at => at / 3 % 7 == 0 ? (byte)255 : (byte)0),
        "words" => Words(channels: 1, at => (ushort)(at % 3 == 0 ? 1 : 0)),
        "large-words" => Words(channels: 1, at => (ushort)(at == Width * Height - 1 ? 65535 : at % 5 == 0 ? 40000 : 0)),
        "floats" => Floats(channels: 1, at => at % 4 == 0 ? 1 : 0),
        "one-and-two" => PatternImages.Make(new(Width, Height, 1, PixelType.UInt8), at => at % 9 == 0 ? (byte)2 : (byte)1),
        _ => PatternImages.Make(new(Width, Height, 1, PixelType.UInt8), at => s_greys[at / 40 % 3]),
    };

    private static MaskOptions Rule(string mask) => MaskOptions.Parse(
        mask switch { "grey" => "> 127", "large-words" => "> 0", "one-and-two" => "2", _ => null }, [], null, null);

    private static PixelImage Words(int channels, Func<int, ushort> value) => Of(PixelType.UInt16, channels, at => BitConverter.GetBytes(value(at)));

    private static PixelImage Floats(int channels, Func<int, float> value) => Of(PixelType.Float32, channels, at => BitConverter.GetBytes(value(at)));

    private static PixelImage Of(PixelType type, int channels, Func<int, byte[]> value) =>
        new(new(Width, Height, channels, type), [.. Enumerable.Range(0, Width * Height * channels).SelectMany(value)]);
}
