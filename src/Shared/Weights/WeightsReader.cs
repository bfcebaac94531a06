using System.Buffers.Binary;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Naming;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights;

/// <summary>Reads a file of weights in any format that is known here.</summary>
public static class WeightsReader
{
    private const uint ZipSignature = 0x04034b50;

    /// <summary>
    /// Reads safetensors or PyTorch's zip format, told by the file's first bytes and never by its name. Nothing in it is executed. Names lose what wrappers
    /// of the network put before them all (<c>module.</c>, <c>model.</c>, …).
    /// </summary>
    /// <param name="stream">A stream of exactly <paramref name="length"/> bytes.</param>
    /// <param name="length">Length of the file; memory of this size is taken.</param>
    /// <param name="subject">The file's name, for messages.</param>
    /// <exception cref="CheckpointInvalidException">The file is damaged, hostile, or of neither format.</exception>
    public static Task<WeightsFile> ReadAsync(Stream stream, long length, string subject, CancellationToken cancellationToken) =>
        ReadAsync(stream, length, subject, "", cancellationToken);

    /// <param name="key">Of PyTorch's format: the entry that holds the weights, dotted; empty: it is found.</param>
    /// <inheritdoc cref="ReadAsync(Stream, long, string, CancellationToken)"/>
    public static async Task<WeightsFile> ReadAsync(Stream stream, long length, string subject, string key, CancellationToken cancellationToken)
    {
        var start = new byte[(int)Math.Min(length, OwnExport.StartLength)];
        if (await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken) < start.Length)
            throw new CheckpointInvalidException(subject, "the file ends too early.");
        if (OwnExport.IsOnnx(start))
            throw OwnExport.Refused(subject, "ONNX");
        await using var whole = new PrefixedStream(start, stream);
        var isZip = start.Length >= sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(start) == ZipSignature;
        if (key.Length > 0 && !isZip)
            throw new CheckpointInvalidException(subject, $"it is none of PyTorch's files, so it has no entry {QuotedName.Of(key)}. Leave the key out.");
        return NameWrappings.Remove(isZip
            ? PyTorchFile.Read(await BytesAsync(whole, length, subject, cancellationToken), subject, key)
            : await Safetensors.ReadFileAsync(whole, length, subject, cancellationToken));
    }

    private static async Task<byte[]> BytesAsync(Stream stream, long length, string subject, CancellationToken cancellationToken)
    {
        if (length > WeightsFile.MaxBytes)
            throw new CheckpointInvalidException(subject, $"it is {length} bytes long; at most {WeightsFile.MaxBytes} can be loaded.");
        var bytes = new byte[length];
        if (await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken) < bytes.Length)
            throw new CheckpointInvalidException(subject, "the file ends too early.");
        return await stream.ReadAsync(new byte[1], cancellationToken) == 0
            ? bytes
            : throw new CheckpointInvalidException(subject, $"the file is longer than its {length} bytes.");
    }
}
