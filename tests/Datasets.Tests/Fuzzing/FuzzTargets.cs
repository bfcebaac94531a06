using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Indexing;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Indexing;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Datasets.Tests.Fuzzing;

/// <summary>Every reader of files that may come from anyone.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. ImageFuzzTargets.All,
        new("tar", Tars, RepairTar, ReadTar, error => error is ShardCorruptException),
        new("manifest", () => [
            DatasetManifestFile.Format(ShardSamples.Manifest()),
            DatasetManifestFile.Format(ShardSamples.Manifest() with
            {
                Version = DatasetManifest.NewestVersion,
                Mask = new() { RuleFrom = "option", Unit = "number", Change = "> 0", Ignore = "255", Values = [new("0", 3), new("1", 2)], Raw = true },
                PixelType = "uint8",
                Ranges = [.. Enumerable.Repeat(new BandRange(0, 1, 2, 3), ShardSamples.Manifest().Channels)],
            }),
            DatasetManifestFile.Format(ShardSamples.Manifest() with { Fields = new("a.png", "b", "c") })], MutateJson, ReadManifest, error =>
            error is ShardCorruptException),
        new("index", Indexes, MutateIndex, ReadIndex, error => error is ShardCorruptException),
        new("safetensors", () => [SafetensorsFile()], MutateSafetensors, ReadSafetensors, error => error is CheckpointInvalidException),
        new("pytorch", PyTorchSamples.Files, PyTorchSamples.MutatePickle, PyTorchSamples.Read, error => error is CheckpointInvalidException),
    ];

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
        var inspection = new SampleInspection(FieldNames.Packed, MaskOptions.None, _ => true, ImageFuzzTargets.Limits);
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
