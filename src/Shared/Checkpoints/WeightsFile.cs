using System.Buffers.Binary;
using ChangeDetection.Checkpoints.PyTorch;

namespace ChangeDetection.Checkpoints;

/// <summary>What a file of weights holds, whatever its format.</summary>
/// <param name="Tensors">By name.</param>
/// <param name="Notes">What was done to read it, such as a prefix that was taken off the names; for people.</param>
public sealed record WeightsFile(IReadOnlyDictionary<string, TensorData> Tensors, IReadOnlyList<string> Notes)
{
    /// <summary>A larger file is refused before any of it is read: all of it is held in memory at once.</summary>
    public const long MaxBytes = int.MaxValue;

    private const uint ZipSignature = 0x04034b50;

    /// <summary>Reads safetensors or PyTorch's zip format, told by the file's first bytes and never by its name. Nothing in it is executed.</summary>
    /// <param name="stream">A stream of exactly <paramref name="length"/> bytes.</param>
    /// <param name="length">Length of the file; memory of this size is taken.</param>
    /// <param name="subject">The file's name, for messages.</param>
    /// <exception cref="CheckpointInvalidException">The file is damaged, hostile, or of neither format.</exception>
    public static async Task<WeightsFile> ReadAsync(Stream stream, long length, string subject, CancellationToken cancellationToken)
    {
        var start = new byte[(int)Math.Min(length, sizeof(uint))];
        if (await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken) < start.Length)
            throw new CheckpointInvalidException(subject, "the file ends too early.");
        await using var whole = new PrefixedStream(start, stream);
        return start.Length == sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(start) == ZipSignature
            ? PyTorchFile.Read(await BytesAsync(whole, length, subject, cancellationToken), subject)
            : new WeightsFile(await Safetensors.ReadAsync(whole, length, subject, cancellationToken), []);
    }

    private static async Task<byte[]> BytesAsync(Stream stream, long length, string subject, CancellationToken cancellationToken)
    {
        if (length > MaxBytes)
            throw new CheckpointInvalidException(subject, $"it is {length} bytes long; at most {MaxBytes} can be loaded.");
        var bytes = new byte[length];
        if (await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken) < bytes.Length)
            throw new CheckpointInvalidException(subject, "the file ends too early.");
        return await stream.ReadAsync(new byte[1], cancellationToken) == 0
            ? bytes
            : throw new CheckpointInvalidException(subject, $"the file is longer than its {length} bytes.");
    }
}
