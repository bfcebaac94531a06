using System.Buffers.Binary;
using System.Text.Json;
using ChangeDetection.Core.Checkpoints;

namespace ChangeDetection.Weights.Tensors;

/// <summary>Where a tensor lies: <paramref name="Begin"/> and <paramref name="End"/> are byte offsets behind the header.</summary>
internal sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape, long Begin, long End);

/// <summary>
/// Reads the header of the safetensors format (https://huggingface.co/docs/safetensors): eight bytes of length, then JSON. The file may come from
/// anyone, so every number is checked against the file's length before it is used.
/// </summary>
internal static class SafetensorsHeader
{
    internal const int PrefixLength = 8;
    /// <summary>Room for some hundred thousand tensors; the largest networks have a few thousand.</summary>
    internal const long MaxLength = 16 * 1024 * 1024;
    private const int MaxRank = 8;
    private const string MetadataKey = "__metadata__";

    /// <summary>Length of the JSON that follows the first eight bytes.</summary>
    public static int ReadLength(ReadOnlySpan<byte> prefix, long fileLength, string subject)
    {
        if (prefix is [0x80, >= 2 and <= 5, ..])
            throw Invalid(subject, "this is a bare pickle, as PyTorch saved before version 1.6; it can run code when it is opened and is never loaded. "
                + "Save the weights again with a newer one: torch.save(torch.load(FILE, weights_only=True), NEW), or as safetensors");
        if (prefix.StartsWith("PK\u0003\u0004"u8))
            throw Invalid(
                subject, "this is a zip file, such as a pickle of PyTorch (.pth), where safetensors are expected. 'changedetection checkpoint " +
                "import' takes it");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > (ulong)(fileLength - PrefixLength))
            throw Invalid(subject, $"the header claims {length} bytes, more than the file's {fileLength}; it is cut short or not a safetensors file");
        if (length is < 2 or > MaxLength)
            throw Invalid(subject, $"the header claims {length} bytes; 2 to {MaxLength} are allowed");
        return (int)length;
    }

    /// <param name="json">The header.</param>
    /// <param name="dataLength">Bytes behind it.</param>
    /// <returns>Entries in the order of their data, which fill it without gap or overlap.</returns>
    public static IReadOnlyList<TensorEntry> Parse(ReadOnlyMemory<byte> json, long dataLength, string subject)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw Invalid(subject, "the header is not a JSON object");
            var entries = document.RootElement.EnumerateObject().Where(property => property.Name != MetadataKey)
                .Select(property => ParseEntry(property, subject)).OrderBy(entry => entry.Begin).ThenBy(entry => entry.End).ToList();
            RequireDense(entries, dataLength, subject);
            return entries;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Invalid(subject, $"the header is not that of a safetensors file: {exception.Message}", exception);
        }
    }

    /// <summary>What stands under <see cref="WeightsMeaning.Key"/> in the metadata; null where nothing does.</summary>
    /// <param name="json">A header that <see cref="Parse"/> took.</param>
    /// <exception cref="CheckpointInvalidException">It is not of a format that is known here.</exception>
    public static WeightsMeaning? Meaning(ReadOnlyMemory<byte> json, string subject)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty(MetadataKey, out var metadata) && metadata.ValueKind is JsonValueKind.Object
            && metadata.TryGetProperty(WeightsMeaning.Key, out var meaning) && meaning.ValueKind is JsonValueKind.String
            ? WeightsMeaning.Parse(meaning.GetString()!, subject)
            : null;
    }

    /// <summary>The header of these entries, deterministic: in the given order, padded with spaces to a multiple of eight bytes.</summary>
    /// <param name="meaning">The metadata; null for none.</param>
    public static byte[] Write(IEnumerable<TensorEntry> entries, WeightsMeaning? meaning = null)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            if (meaning is not null)
            {
                writer.WriteStartObject(MetadataKey);
                writer.WriteString(WeightsMeaning.Key, meaning.ToJson());
                writer.WriteEndObject();
            }
            foreach (var entry in entries)
            {
                writer.WriteStartObject(entry.Name);
                writer.WriteString("dtype", entry.Type.ToString());
                writer.WriteStartArray("shape");
                foreach (var side in entry.Shape)
                    writer.WriteNumberValue(side);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(entry.Begin);
                writer.WriteNumberValue(entry.End);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        var padded = (int)(json.Length + 7) / 8 * 8;
        var header = new byte[PrefixLength + padded];
        header.AsSpan(PrefixLength).Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(header, padded);
        json.GetBuffer().AsSpan(0, (int)json.Length).CopyTo(header.AsSpan(PrefixLength));
        return header;
    }

    private static TensorEntry ParseEntry(JsonProperty property, string subject)
    {
        var type = property.Value.GetProperty("dtype").GetString();
        if (!Enum.TryParse<TensorType>(type, out var parsed) || parsed.ToString() != type)
            throw Invalid(subject,
                $"tensor {QuotedName.Of(property.Name)} has the type {QuotedName.Of(type ?? "null")}; known are " +
                    $"{string.Join(", ", Enum.GetNames<TensorType>())}");
        var shape = property.Value.GetProperty("shape");
        if (shape.GetArrayLength() > MaxRank)
            throw Invalid(subject, $"tensor {QuotedName.Of(property.Name)} has {shape.GetArrayLength()} dimensions; at most {MaxRank} are allowed");
        var offsets = property.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2)
            throw Invalid(subject, $"tensor {QuotedName.Of(property.Name)} has {offsets.GetArrayLength()} data offsets instead of two");
        var entry = new TensorEntry(
            property.Name, parsed, [.. shape.EnumerateArray().Select(side => side.GetInt64())], offsets[0].GetInt64(), offsets[1].GetInt64());
        if (entry.Begin < 0 || entry.End < entry.Begin || entry.End - entry.Begin != ByteLength(entry))
            throw Invalid(subject, $"tensor {QuotedName.Of(entry.Name)} lies at bytes {entry.Begin} to {entry.End}, which is not the size of its shape");
        return entry;
    }

    /// <summary>Bytes of the shape, or -1 when that is no number of bytes at all.</summary>
    private static long ByteLength(TensorEntry entry)
    {
        Int128 bytes = entry.Type.Size();
        foreach (var side in entry.Shape)
        {
            if (side < 0)
                return -1;
            bytes *= side;
            if (bytes > long.MaxValue)
                return -1;
        }
        return (long)bytes;
    }

    private static void RequireDense(List<TensorEntry> entries, long dataLength, string subject)
    {
        var end = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != end)
                throw Invalid(subject,
                    $"tensor {QuotedName.Of(entry.Name)} begins at byte {entry.Begin}, but the one before it ends at {end}; tensors may neither " +
                        "overlap nor leave gaps");
            end = entry.End;
        }
        if (end != dataLength)
            throw Invalid(subject, $"the tensors end at byte {end}, but the file holds {dataLength}; it is cut short or has something appended");
    }

    private static CheckpointInvalidException Invalid(string subject, string problem, Exception? inner = null) => new(subject, problem + ".", inner);
}
