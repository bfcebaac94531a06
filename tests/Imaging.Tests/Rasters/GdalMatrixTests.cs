using System.Buffers.Binary;
using System.Collections.Concurrent;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.TestKit;

namespace ChangeDetection.Imaging.Tests.Rasters;

/// <summary>
/// Every kind of TIFF that GDAL writes gives the pixels that GDAL reads, or is refused by name: whole and by rows.
/// </summary>
[Needs(Resource.Processes)]
public sealed class GdalMatrixTests : IDisposable
{
    /// <summary>JPEG decoders round differently; the libraries here and GDAL's were compared.</summary>
    private const int LossyTolerance = 2;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EveryKindThatGdalWrites_IsReadAsGdalReadsIt_OrRefusedByName()
    {
        var translate = Gdal.FindOrSkip("gdal_translate");
        foreach (var (type, (number, bytes)) in GdalCell.Types)
            Raw(type, number, bytes, GdalCell.Bands, (x, y, band) => GdalCell.Value(type, x, y, band));
        Raw("four", 1, 1, 4, (x, y, band) => band == 3 ? (x + y) % 3 * 100 : GdalCell.Value("Byte", x, y, band));
        Raw("bits", 1, 1, 1, (x, y, _) => (x * y >> 2) % 2);
        Raw("holes", 1, 1, 3, (x, y, band) => (x < 40 && y < 20) || y is >= 32 and < 48 ? 7 : GdalCell.Value("Byte", x, y, band));
        Palette();

        var outcomes = new ConcurrentBag<Outcome>();
        var cells = GdalCell.All().Select((cell, number) => (Cell: cell, Number: number)).ToList();
        await Parallel.ForEachAsync(
            cells, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken },
            async (one, _) =>
            {
                foreach (var outcome in await TryAsync(translate, one.Cell, _folder[$"{one.Number}.tif"]))
                    outcomes.Add(outcome);
            });

        var wrong = outcomes.Where(outcome => outcome.Wrong is not null).Select(outcome => $"{outcome.Cell}, {outcome.Way}: {outcome.Wrong}").Order().ToList();
        var written = outcomes.Select(outcome => outcome.Cell).Distinct().Count();
        foreach (var way in outcomes.GroupBy(outcome => outcome.Way))
        {
            var (read, refused) = (way.Count(outcome => outcome.IsRead), way.Count(outcome => outcome.Refused is not null));
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{way.Key}: of {way.Count()} kinds that GDAL writes {read} are read, {refused} refused by name, {way.Count() - read - refused} wrong");
            foreach (var reason in way.Where(outcome => outcome.Refused is not null).GroupBy(outcome => outcome.Refused).OrderBy(group => group.Key))
                TestContext.Current.TestOutputHelper?.WriteLine($"  {reason.Count()}: {reason.Key}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.InRange(written, 400, cells.Count);
        Assert.All((string[])["whole", "rows"], way => Assert.InRange(outcomes.Count(outcome => outcome.Way == way && outcome.IsRead), 200, cells.Count));
    }

    /// <summary>None where GDAL does not write the kind.</summary>
    private async Task<IReadOnlyList<Outcome>> TryAsync(string translate, GdalCell cell, string path)
    {
        var options = cell.Options.SelectMany(option => option.Contains('=') ? ["-co", option] : new[] { option });
        var source = _folder[cell.Source == "palette" ? "palette.png" : (cell.Source ?? cell.Type) + ".img"];
        if (!(await Gdal.RunAsync(translate, ["-q", .. options, source, path])).Done)
            return [];
        var ways = new (string Way, Func<PixelImage> Read)[]
        {
            ("whole", () => ImageCodec.Decode(File.ReadAllBytes(path), "a.tif")), ("rows", () => ByRows(path)),
        };
        var read = ways.Select(way => (way.Way, Result: Read(way.Read))).ToList();
        byte[]? right = null;
        if (read.Any(one => one.Result.Image is not null))
        {
            var raw = path + ".raw";
            string[] expanding = cell.Source == "palette" ? ["-expand", "rgb"] : [];
            var (done, _) = await Gdal.RunAsync(translate, ["-q", "-of", "ENVI", "-co", "INTERLEAVE=BIP", .. expanding, path, raw]);
            // GDAL writes planes of WebP that nobody reads, itself included.
            right = done ? await File.ReadAllBytesAsync(raw) : [];
        }
        return [.. read.Select(one => new Outcome(
            cell, one.Way, one.Result.Image is not null, one.Result.Refused,
            one.Result.Wrong ?? (one.Result.Image is { } image ? Difference(cell, image, right!) : null)))];
    }

    private static (PixelImage? Image, string? Refused, string? Wrong) Read(Func<PixelImage> read)
    {
        try
        {
            return (read(), null, null);
        }
        catch (ImageException exception)
        {
            // A sound file is never called damaged.
            return exception.Fault == ImageFault.Unsupported ? (null, exception.Message, null) : (null, null, exception.Message);
        }
    }

    private static PixelImage ByRows(string path)
    {
        using var raster = RasterFile.Open(path, "a.tif");
        var (shape, rowBytes) = (raster.Shape, (int)(raster.Shape.Bytes / raster.Shape.Height));
        var pixels = new byte[shape.Bytes];
        for (var first = 0; first < shape.Height; first += 7)
        {
            var count = Math.Min(7, shape.Height - first);
            raster.ReadRows(first, count, pixels.AsSpan(first * rowBytes, count * rowBytes));
        }
        return new PixelImage(shape, pixels);
    }

    private static string? Difference(GdalCell cell, PixelImage image, byte[] right)
    {
        if (right.Length == 0)
            return "GDAL does not read it";
        var shape = new ImageShape(GdalCell.Width, GdalCell.Height, cell.Channels, cell.TypeHere);
        if (image.Shape != shape)
            return $"{image.Shape} instead of {shape}";
        var size = GdalCell.Types[cell.Type].Bytes;
        var bands = right.Length / (GdalCell.Width * GdalCell.Height * size);
        for (var pixel = 0; pixel < GdalCell.Width * GdalCell.Height; pixel++)
        {
            for (var band = 0; band < cell.Channels; band++)
            {
                var (ours, theirs) = (Value(image, pixel * cell.Channels + band), cell.Here(right.AsSpan((pixel * bands + band) * size)));
                if (Math.Abs(ours - theirs) > (cell.IsLossy ? LossyTolerance : 0))
                    return $"{ours} instead of {theirs} at column {pixel % GdalCell.Width}, row {pixel / GdalCell.Width}, band {band}";
            }
        }
        return null;
    }

    private static double Value(PixelImage image, int at) => image.Shape.Type switch
    {
        PixelType.UInt8 => image.Bytes[at],
        PixelType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(image.Bytes[(2 * at)..]),
        _ => BinaryPrimitives.ReadSingleLittleEndian(image.Bytes[(4 * at)..]),
    };

    /// <summary>A file of plain values, one band after the other, and the header that GDAL reads it by.</summary>
    private void Raw(string name, int number, int bytes, int bands, Func<int, int, int, double> value)
    {
        var pixels = new byte[GdalCell.Width * GdalCell.Height * bands * bytes];
        Span<byte> word = stackalloc byte[8];
        for (var at = 0; at < pixels.Length / bytes; at++)
        {
            var one = value(at % GdalCell.Width, at / GdalCell.Width % GdalCell.Height, at / (GdalCell.Width * GdalCell.Height));
            word.Clear();
            if (number == 5)
                BinaryPrimitives.WriteDoubleLittleEndian(word, one);
            else if (number == 4)
                BinaryPrimitives.WriteSingleLittleEndian(word, (float)one);
            else
                BinaryPrimitives.WriteInt64LittleEndian(word, (long)one);
            word[..bytes].CopyTo(pixels.AsSpan(at * bytes));
        }
        File.WriteAllBytes(_folder[name + ".img"], pixels);
        File.WriteAllText(
            _folder[name + ".hdr"],
            $"ENVI\nsamples = {GdalCell.Width}\nlines = {GdalCell.Height}\nbands = {bands}\nheader offset = 0\nfile type = ENVI Standard\n" +
            $"data type = {number}\ninterleave = bsq\nbyte order = 0\n");
    }

    private void Palette()
    {
        var indices = Enumerable.Range(0, GdalCell.Height)
            .SelectMany(y => (byte[])[0, .. Enumerable.Range(0, GdalCell.Width).Select(x => (byte)((x / 5 + y / 3) % 8))]).ToArray();
        var header = TestKit.Images.PngWriter.HeaderChunk(new PngHeader(GdalCell.Width, GdalCell.Height, 8, PngColor.Palette, false));
        File.WriteAllBytes(_folder["palette.png"],
        [
            .. ImageSignature.Png, .. header, .. TestKit.Images.PngWriter.Chunk("PLTE", [.. Enumerable.Range(0, 24).Select(at => (byte)(at * 10 + 3))]),
            .. TestKit.Images.PngWriter.Chunk("IDAT", TestKit.Images.PngWriter.Deflate(indices)), .. TestKit.Images.PngWriter.Chunk("IEND", []),
        ]);
    }

    private sealed record Outcome(GdalCell Cell, string Way, bool IsRead, string? Refused, string? Wrong);
}
