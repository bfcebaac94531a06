using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hashing;

namespace ChangeDetection.Weights.Tensors;

/// <summary>
/// Files of the safetensors format. What is stored is a function of the tensors alone: keys in ordinal order, no metadata. What leaves the system has one
/// metadata entry, <see cref="WeightsMeaning.Key"/>. What is read is checked in full before any of it is returned; other metadata is accepted and ignored.
/// </summary>
public static class Safetensors
{
    /// <summary>Length of the file that <see cref="WriteAsync"/> writes.</summary>
    public static long Length(IEnumerable<TensorData> tensors)
    {
        var entries = Entries(Ordered(tensors));
        return SafetensorsHeader.Write(entries).Length + (entries.Count == 0 ? 0 : entries[^1].End);
    }

    /// <exception cref="ArgumentException">Two tensors have one name, or a tensor's bytes do not fit its shape.</exception>
    public static async Task WriteAsync(Stream stream, IEnumerable<TensorData> tensors, CancellationToken cancellationToken)
    {
        var ordered = Ordered(tensors);
        await stream.WriteAsync(SafetensorsHeader.Write(Entries(ordered)), cancellationToken);
        foreach (var tensor in ordered)
            await stream.WriteAsync(tensor.Bytes, cancellationToken);
    }

    /// <summary>Writes stored weights as a file that says what they are.</summary>
    /// <param name="stored">As <see cref="WriteAsync"/> wrote them, at their start.</param>
    /// <param name="subject">Their name, for messages.</param>
    /// <exception cref="CheckpointInvalidException">They are not an intact safetensors file.</exception>
    public static async Task ExportAsync(Stream stored, Stream target, WeightsMeaning meaning, string subject, CancellationToken cancellationToken)
    {
        var (header, dataLength) = await ReadHeaderAsync(stored, stored.Length, subject, cancellationToken);
        await target.WriteAsync(SafetensorsHeader.Write(SafetensorsHeader.Parse(header, dataLength, subject), meaning), cancellationToken);
        await stored.CopyToAsync(target, cancellationToken);
    }

    /// <summary>SHA-256 of the file that <see cref="WriteAsync"/> writes: the name by which stored weights are known.</summary>
    public static string Sha256(IEnumerable<TensorData> tensors)
    {
        var ordered = Ordered(tensors);
        using var hash = Sha256Hex.Begin();
        hash.AppendData(SafetensorsHeader.Write(Entries(ordered)));
        foreach (var tensor in ordered)
            hash.AppendData(tensor.Bytes.Span);
        return Sha256Hex.End(hash);
    }

    /// <returns>The tensors by name.</returns>
    /// <inheritdoc cref="ReadFileAsync"/>
    public static async Task<IReadOnlyDictionary<string, TensorData>> ReadAsync(
        Stream stream, long length, string subject, CancellationToken cancellationToken) =>
        (await ReadFileAsync(stream, length, subject, cancellationToken)).Tensors;

    /// <param name="stream">A stream of exactly <paramref name="length"/> bytes.</param>
    /// <param name="length">Length of the file; memory of this size is taken.</param>
    /// <param name="subject">The file's name, for messages.</param>
    /// <exception cref="CheckpointInvalidException">The file is not an intact safetensors file.</exception>
    public static async Task<WeightsFile> ReadFileAsync(Stream stream, long length, string subject, CancellationToken cancellationToken)
    {
        var (header, dataLength) = await ReadHeaderAsync(stream, length, subject, cancellationToken);
        var entries = SafetensorsHeader.Parse(header, dataLength, subject);
        var data = new byte[dataLength];
        await FillAsync(stream, data, subject, cancellationToken);
        if (await stream.ReadAsync(new byte[1], cancellationToken) != 0)
            throw new CheckpointInvalidException(subject, $"the file is longer than its {length} bytes.");
        var tensors = entries.ToDictionary(
            entry => entry.Name,
            entry => new TensorData(entry.Name, entry.Type, entry.Shape, data.AsMemory((int)entry.Begin, (int)(entry.End - entry.Begin))),
            StringComparer.Ordinal);
        return new WeightsFile(tensors, []) { Meaning = SafetensorsHeader.Meaning(header, subject) };
    }

    /// <returns>The header's JSON, and the bytes behind it.</returns>
    private static async Task<(byte[] Header, long DataLength)> ReadHeaderAsync(
        Stream stream, long length, string subject, CancellationToken cancellationToken)
    {
        if (length is < SafetensorsHeader.PrefixLength or > int.MaxValue)
            throw new CheckpointInvalidException(subject, $"a file of {length} bytes is not a safetensors file that can be loaded.");
        var prefix = new byte[SafetensorsHeader.PrefixLength];
        await FillAsync(stream, prefix, subject, cancellationToken);
        var header = new byte[SafetensorsHeader.ReadLength(prefix, length, subject)];
        await FillAsync(stream, header, subject, cancellationToken);
        return (header, length - prefix.Length - header.Length);
    }

    private static List<TensorData> Ordered(IEnumerable<TensorData> tensors) => [.. tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)];

    private static List<TensorEntry> Entries(List<TensorData> ordered)
    {
        var entries = new List<TensorEntry>(ordered.Count);
        var end = 0L;
        foreach (var tensor in ordered)
        {
            if (entries.Count > 0 && entries[^1].Name == tensor.Name)
                throw new ArgumentException($"Two tensors are named '{tensor.Name}'.", nameof(ordered));
            if (tensor.Bytes.Length != tensor.Shape.Aggregate((long)tensor.Type.Size(), (size, side) => checked(size * side)))
                throw new ArgumentException($"Tensor '{tensor.Name}' has {tensor.Bytes.Length} bytes, which do not fit {tensor.Layout}.", nameof(ordered));
            entries.Add(new TensorEntry(tensor.Name, tensor.Type, tensor.Shape, end, end += tensor.Bytes.Length));
        }
        return entries;
    }

    private static async Task FillAsync(Stream stream, Memory<byte> buffer, string subject, CancellationToken cancellationToken)
    {
        if (await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) < buffer.Length)
            throw new CheckpointInvalidException(subject, "the file ends too early.");
    }
}
