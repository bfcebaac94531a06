using System.Buffers.Binary;
using System.Formats.Tar;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Indexing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Indexing;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Datasets.Tests.Fuzzing;

/// <summary>Every reader of files that may come from anyone.</summary>
internal static class FuzzTargets
{
    private static readonly ImageLimits s_limits = new(MaxPixels: 1 << 20, MaxBytes: 1 << 22);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Image("png", Pngs, RepairPng),
        Image("png-by-libvips", RarePngs, RepairPng),
        Image("tiff", () => [.. TiffWriter.Kinds.Select(kind => kind.Write()), .. LibvipsTiffs()], MutateTiff),
        Image("jpeg", () => [TestImages.Save(Photograph(3), ".jpg"), TestImages.Save(Photograph(1), ".jpg[interlace]")], (_, bytes) => bytes),
        Image("webp", () => [TestImages.Save(Photograph(3), ".webp"), TestImages.Save(Photograph(3), ".webp[lossless]")], RepairRiff),
        Image("bmp", () => [
            TestImages.Bmp(Photograph(3), 24, false), TestImages.Bmp(Photograph(1), 8, true), TestImages.Bmp(Photograph(3), 32, true)], (_, bytes) =>
            bytes),
        Image("npy", () => [
            NpyEncoder.Encode(Photograph(3)), NpyEncoder.Encode(TestImages.Noise(new(9, 7, 13, PixelType.UInt16), 1)),
            NpyEncoder.Encode(TestImages.Noise(new(9, 7, 1, PixelType.Float32), 1))], MutateNpy),
        new("tar", Tars, RepairTar, ReadTar, error => error is ShardCorruptException),
        new("manifest", () => [
            DatasetManifestFile.Format(ShardSamples.Manifest()),
            DatasetManifestFile.Format(ShardSamples.Manifest() with { Fields = new("a.png", "b", "c") })], MutateJson, ReadManifest, error =>
            error is ShardCorruptException),
        new("index", Indexes, MutateIndex, ReadIndex, error => error is ShardCorruptException),
        new("safetensors", () => [SafetensorsFile()], MutateSafetensors, ReadSafetensors, error => error is CheckpointInvalidException),
        new("pytorch", PyTorchSamples.Files, PyTorchSamples.MutatePickle, PyTorchSamples.Read, error => error is CheckpointInvalidException),
    ];

    private static FuzzTarget Image(string name, Func<IReadOnlyList<byte[]>> seeds, Func<Mutator, byte[], byte[]> repair) => new(name, seeds, repair, bytes =>
    {
        var image = ImageCodec.Decode(bytes, name, s_limits);
        Assert.Equal(ImageCodec.Probe(bytes, name, s_limits), image.Shape);
        Assert.True(image.Shape.Bytes <= s_limits.MaxBytes && image.Bytes.Length == image.Shape.Bytes);
        ReadMask(bytes, name);
    }, error => error is ImageException);

    private static void ReadMask(byte[] bytes, string name)
    {
        try
        {
            Assert.Equal(1, ImageCodec.DecodeMask(bytes, name, s_limits).Shape.Channels);
        }
        catch (ImageException)
        {
            // Not every image is a mask.
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

    private static List<byte[]> Tars() =>
        [.. new[] { TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu }.Select(format =>
        {
            using var stream = new MemoryStream();
            using (var tar = new TarWriter(stream, format, leaveOpen: true))
            {
                foreach (var (name, data) in ForeignTars.Sample("a").Append(("a.json", [1, 2, 3]))
                    .Concat(ForeignTars.Sample($"{new string('b', 70)}/{new string('c', 60)}")))
                    tar.WriteEntry(ForeignTars.Entry(format, TarEntryType.RegularFile, name, data));
            }
            return stream.ToArray();
        })];

    /// <summary>Makes the checksums of all blocks right that look like headers, after setting a field of one of them.</summary>
    private static byte[] RepairTar(Mutator mutator, byte[] bytes)
    {
        var headers = Enumerable.Range(0, bytes.Length / 512).Where(block => bytes.AsSpan(block * 512 + 257, 5).SequenceEqual("ustar"u8)).ToList();
        if (headers.Count == 0)
            return bytes;
        var chosen = bytes.AsSpan(headers[mutator.Random.Next(headers.Count)] * 512, 512);
        switch (mutator.Random.Next(4))
        {
            case 0: chosen[156] = (byte)"01234567xgLKSDVM\0"[mutator.Random.Next(17)]; break;
            case 1: Encoding.ASCII.GetBytes(
                Convert.ToString(mutator.Random.NextInt64(1L << mutator.Random.Next(1, 33)), 8).PadLeft(11, '0'), chosen[124..]); break;
            case 2: (chosen[124], chosen[128 + mutator.Random.Next(8)]) = (0x80, (byte)mutator.Random.Next(256)); break;
            default: Encoding.ASCII.GetBytes(mutator.Random.Next(2) == 0 ? "../x.before.png" : "b.mask.png", chosen); break;
        }
        foreach (var header in headers)
            ForeignTars.Seal(bytes.AsSpan(header * 512, 512));
        return bytes;
    }

    private static void ReadTar(byte[] bytes)
    {
        var inspection = new SampleInspection(FieldNames.Packed, MaskOptions.None, _ => true, s_limits);
        var tar = new StoredObject(new ObjectKey("train.tar"), bytes.Length);
        var shard = new ExternalShardReader(tar, "train", FieldNames.Packed, inspection, []).ReadAsync(
            new BytesStore(bytes), null, _ => { }, CancellationToken.None).GetAwaiter().GetResult();
        // What was taken can be written and read again.
        var index = new ShardIndex("train.tar", shard.Samples);
        var manifest = ShardSamples.Shard() with { Name = "train.tar", Bytes = bytes.Length, Samples = index.Count };
        Assert.Equal(index.Count, ShardIndexText.Parse(manifest, ShardIndexText.FormatIndex(index), ShardIndexText.FormatSums(index)).Count);
    }

    /// <summary>Replaces or removes one value anywhere in the document, without the hash that would tell at once.</summary>
    private static byte[] MutateJson(Mutator mutator, byte[] bytes)
    {
        JsonNode? document;
        List<JsonNode?> nodes;
        try
        {
            document = JsonNode.Parse(bytes);
            (document as JsonObject)?.Remove("sha256");
            nodes = [.. Below(document).Where(node => node?.Parent is not null)];
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            return bytes;
        }
        if (nodes.Count == 0)
            return bytes;
        nodes[mutator.Random.Next(nodes.Count)]!.ReplaceWith(mutator.Random.Next(6) switch
        {
            0 => JsonNode.Parse(mutator.Number()),
            1 => JsonValue.Create(new[] { "../x", "", "a\0b", new string('x', 300), "CON" }[mutator.Random.Next(5)]),
            2 => new JsonArray(),
            3 => new JsonObject(),
            4 => JsonValue.Create(mutator.Random.NextDouble() * 1e300),
            _ => null,
        });
        return Encoding.UTF8.GetBytes(document!.ToJsonString());
    }

    private static IEnumerable<JsonNode?> Below(JsonNode? node) => node switch
    {
        JsonObject mapping => mapping.SelectMany(entry => Below(entry.Value)).Prepend(node),
        JsonArray list => list.SelectMany(Below).Prepend(node),
        _ => [node],
    };

    private static void ReadManifest(byte[] bytes)
    {
        var manifest = DatasetManifestFile.Parse(bytes);
        Assert.Equal(DatasetManifestFile.Format(manifest), DatasetManifestFile.Format(DatasetManifestFile.Parse(DatasetManifestFile.Format(manifest))));
    }

    private static List<byte[]> Indexes()
    {
        var index = new ShardIndex("train-000000.tar",
        [
            new("a", [new("after.png", 512, 700, 1), new("before.png", 2048, 3, 2)]),
            new("x/b", [new("after.png", 3072, 700, ulong.MaxValue), new("json", 4608, 0, 4)]),
        ]);
        return [Encoding.UTF8.GetBytes($"{ShardIndexText.FormatIndex(index)}\f{ShardIndexText.FormatSums(index)}")];
    }

    private static byte[] MutateIndex(Mutator mutator, byte[] bytes)
    {
        var words = Encoding.UTF8.GetString(bytes).Split(' ');
        words[mutator.Random.Next(words.Length)] = mutator.Random.Next(4) == 0 ? "../x.png" : mutator.Number();
        return Encoding.UTF8.GetBytes(string.Join(' ', words));
    }

    private static void ReadIndex(byte[] bytes)
    {
        var parts = Encoding.UTF8.GetString(bytes).Split('\f', 2);
        var index = ShardIndexText.Parse(ShardSamples.Shard(), parts[0], parts.Length > 1 ? parts[1] : "");
        for (var sample = 0; sample < index.Count; sample++)
            Assert.All(index.Fields(sample), field => Assert.InRange(field.Offset + field.Length, 0, ShardSamples.Shard().Bytes));
    }

    private static byte[] SafetensorsFile()
    {
        using var stream = new MemoryStream();
        Safetensors.WriteAsync(
            stream, [new("a", TensorType.F32, [2, 3], new byte[24]), new("b", TensorType.I64, [], new byte[8])], CancellationToken.None)
            .GetAwaiter().GetResult();
        return stream.ToArray();
    }

    private static byte[] MutateSafetensors(Mutator mutator, byte[] bytes)
    {
        if (bytes.Length < 10 || BinaryPrimitives.ReadInt64LittleEndian(bytes) is not (> 0 and var length) || length > bytes.Length - 8)
            return bytes;
        var header = MutateJson(mutator, bytes[8..(8 + (int)length)]);
        byte[] changed = [.. new byte[8], .. header, .. bytes[(8 + (int)length)..]];
        BinaryPrimitives.WriteInt64LittleEndian(changed, header.Length);
        return changed;
    }

    private static void ReadSafetensors(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var tensors = Safetensors.ReadAsync(stream, bytes.Length, "fuzz", CancellationToken.None).GetAwaiter().GetResult();
        Assert.True(tensors.Values.Sum(tensor => (long)tensor.Bytes.Length) <= bytes.Length);
    }
}
