using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Datasets.Tests.Fuzzing;

/// <summary>Every reader of images and masks.</summary>
internal static class ImageFuzzTargets
{
    public static ImageLimits Limits { get; } = new(MaxPixels: 1 << 20, MaxBytes: 1 << 22);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Image("png", Pngs, RepairPng),
        Image("png-by-libvips", RarePngs, RepairPng),
        Image("tiff", () => [.. TiffWriter.Kinds.Select(kind => kind.Write()), .. LibvipsTiffs()], MutateTiff),
        new("mask", MaskTiffs, MutateTiff, bytes => ReadMaskValues(bytes, "mask"), error => error is ImageException),
        Image("jpeg", () => [TestImages.Save(Photograph(3), ".jpg"), TestImages.Save(Photograph(1), ".jpg[interlace]")], (_, bytes) => bytes),
        Image("webp", () => [TestImages.Save(Photograph(3), ".webp"), TestImages.Save(Photograph(3), ".webp[lossless]")], RepairRiff),
        Image("bmp", () => [
            TestImages.Bmp(Photograph(3), 24, false), TestImages.Bmp(Photograph(1), 8, true), TestImages.Bmp(Photograph(3), 32, true)], (_, bytes) =>
            bytes),
        Image("npy", () => [
            NpyEncoder.Encode(Photograph(3)), NpyEncoder.Encode(TestImages.Noise(new(9, 7, 13, PixelType.UInt16), 1)),
            NpyEncoder.Encode(TestImages.Noise(new(9, 7, 1, PixelType.Float32), 1))], MutateNpy),
    ];

    private static FuzzTarget Image(string name, Func<IReadOnlyList<byte[]>> seeds, Func<Mutator, byte[], byte[]> repair) => new(name, seeds, repair, bytes =>
    {
        var image = ImageCodec.Decode(bytes, name, Limits);
        Assert.Equal(ImageCodec.Probe(bytes, name, Limits), image.Shape);
        Assert.True(image.Shape.Bytes <= Limits.MaxBytes && image.Bytes.Length == image.Shape.Bytes);
        Attempt(() => Assert.Equal(1, ImageCodec.DecodeMask(bytes, name, Limits).Shape.Channels));
        Attempt(() => ReadValid(bytes, name));
        Attempt(() => ReadMaskValues(bytes, name));
    }, error => error is ImageException);

    /// <summary>Not every image is a mask, or of values that say which pixels are none.</summary>
    private static void Attempt(Action read)
    {
        try
        {
            read();
        }
        catch (ImageException)
        {
            // Refused, which is as good as read.
        }
    }

    private static void ReadValid(byte[] bytes, string name)
    {
        var (image, valid) = ImageCodec.Decode(bytes, name, new NoDataRule(Alpha: AlphaUse.Mask), Limits);
        Assert.True(valid is null || valid.Bytes.Length == image.Shape.Width * image.Shape.Height);
    }

    private static void ReadMaskValues(byte[] bytes, string name)
    {
        var mask = MaskCodec.Decode(bytes, name, Limits);
        Assert.Equal(MaskCodec.Probe(bytes, name, Limits), mask.Shape);
        var survey = new MaskSurvey();
        survey.Add(mask, name);
        try
        {
            var (mapping, _) = new MaskRuleFinder(survey, MaskOptions.None, _ => null).Find(_ => { });
            Assert.DoesNotContain(mapping.Apply(mask, name).Bytes.ToArray(), label => label is not (0 or 1 or MaskReader.Ignored));
        }
        catch (DatasetSourceException asked)
        {
            Assert.True(asked.Asks);
        }
    }

    private static PixelImage Photograph(int channels) => TestImages.Photograph(40, 30, channels);

    private static List<byte[]> Pngs() =>
        [.. new[] { (PngColor.Grey, 1), (PngColor.Grey, 8), (PngColor.Palette, 4),
            (PngColor.Palette, 8), (PngColor.GreyAlpha, 8), (PngColor.Rgb, 8), (PngColor.Rgba, 8) }
            .Select(kind => PngWriter.Random(new Random(kind.Item2), kind.Item1, (byte)kind.Item2))];

    private static List<byte[]> RarePngs() =>
    [
        PngEncoder.Encode(TestImages.Noise(new(20, 10, 3, PixelType.UInt16), 1)),
        TestImages.Save(Photograph(3), ".png[interlace]"),
        TestImages.Save(Photograph(1), ".png[interlace,palette]"),
        PngWriter.Random(new Random(1), PngColor.Rgba, 16),
    ];

    private static List<byte[]> LibvipsTiffs() =>
        [.. new[] { "", "[tile,tile-width=16,tile-height=16]", "[compression=lzw,predictor=horizontal]",
            "[compression=deflate]", "[compression=jpeg]", "[bigtiff]", "[compression=packbits]" }
            .Select(options => TestImages.Save(Photograph(3), $".tif{options}"))];

    /// <summary>A palette, 64 bits, few bits, planes in tiles, and an image with an internal mask.</summary>
    private static List<byte[]> MaskTiffs()
    {
        ulong[] values = [.. Enumerable.Range(0, 20 * 18).Select(at => (ulong)(at % 3))];
        var plain = new TiffImage(20, 18, 1, 8) { Values = values };
        return
        [
            (plain with { Photometric = 3, ColorMap = [.. Enumerable.Range(0, 768).Select(at => at * 80)] }).Write(),
            (plain with { Bits = 64, Format = 2, Deflated = true, NoData = "2" }).Write(),
            (plain with { Bits = 4, Tiled = true }).Write(),
            new TiffImage(10, 18, 2, 16) { Values = values, Extra = [2], Planar = true, Tiled = true }.Write(),
            (plain with { Next = plain with { Photometric = 4, SubfileType = 4 } }).Write(),
        ];
    }

    private static byte[] RepairPng(Mutator mutator, byte[] bytes)
    {
        PngWriter.RepairChecksums(bytes);
        return bytes;
    }

    private static byte[] RepairRiff(Mutator mutator, byte[] bytes)
    {
        if (bytes.Length >= 12)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        return bytes;
    }

    /// <summary>Sets a field of one entry of the first directory: tag, type, count or value.</summary>
    private static byte[] MutateTiff(Mutator mutator, byte[] bytes)
    {
        if (bytes.Length < 16 || bytes[0] != 'I' || bytes[2] != 42)
            return bytes;
        var directory = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4));
        if (directory > bytes.Length - 14)
            return bytes;
        var entries = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan((int)directory)), (bytes.Length - (int)directory - 2) / 12);
        if (entries == 0)
            return bytes;
        var entry = bytes.AsSpan((int)directory + 2 + 12 * mutator.Random.Next(entries), 12);
        var value = ulong.TryParse(mutator.Number(), CultureInfo.InvariantCulture, out var number) ? (uint)number : (uint)mutator.Random.Next(64);
        switch (mutator.Random.Next(4))
        {
            case 0: BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)(256 + mutator.Random.Next(90))); break;
            case 1: BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)mutator.Random.Next(20)); break;
            case 2: BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], value); break;
            default: BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], value); break;
        }
        return bytes;
    }

    /// <summary>Replaces a number of the header's text, and makes its length right.</summary>
    private static byte[] MutateNpy(Mutator mutator, byte[] bytes)
    {
        if (bytes.Length < 64 || bytes[6] != 1)
            return bytes;
        var length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)), bytes.Length - 10);
        var header = Encoding.Latin1.GetString(bytes, 10, length).Split(',');
        header[mutator.Random.Next(header.Length)] = mutator.Random.Next(3) == 0 ? $" 'shape': ({mutator.Number()}" : $" {mutator.Number()})";
        var text = Encoding.Latin1.GetBytes(string.Join(',', header));
        byte[] changed = [.. bytes[..10], .. text, .. bytes[(10 + length)..]];
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(8), (ushort)text.Length);
        return changed;
    }
}
