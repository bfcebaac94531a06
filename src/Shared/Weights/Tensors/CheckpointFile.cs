using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hashing;

namespace ChangeDetection.Weights.Tensors;

/// <summary>What <see cref="CheckpointFile.VerifyAsync"/> found in an intact file.</summary>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="Values">Numbers in all tensors together.</param>
/// <param name="Sha256">Of the whole file.</param>
/// <param name="WeightsSha256">Of its tensors as they are stored, without what the file says of itself: weights are known by it.</param>
/// <param name="Manifest">The manifest beside the file that vouches for it; null when there is none.</param>
public sealed record VerifiedFile(int Tensors, long Values, long Bytes, string Sha256, string WeightsSha256, CheckpointManifest? Manifest)
{
    public required WeightsFile Contents { get; init; }
}

/// <summary>A checkpoint's file on disk, as <c>checkpoint verify FILE</c> checks it.</summary>
public static class CheckpointFile
{
    /// <summary>
    /// Checks the format in full, that floating-point values are finite, and, where a <c>manifest.json</c> lies beside it that names it, its hash.
    /// </summary>
    /// <exception cref="CheckpointInvalidException">The file is damaged, of another format, or not the one its manifest names.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static async Task<VerifiedFile> VerifyAsync(string path, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(path, "", cancellationToken);
        foreach (var tensor in found.Contents.Tensors.Values)
        {
            if (TensorValues.FirstNotFinite(tensor) is { } index)
                throw new CheckpointInvalidException(path, $"tensor '{tensor.Name}' is not finite at value {index}; the training it came from diverged.");
        }
        return found;
    }

    /// <summary>The same without a look at the values.</summary>
    /// <param name="key">Of PyTorch's format: the entry that holds the weights, dotted; empty: it is found.</param>
    /// <inheritdoc cref="VerifyAsync"/>
    public static async Task<VerifiedFile> ReadAsync(string path, string key, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var contents = await WeightsReader.ReadAsync(file, file.Length, path, key, cancellationToken);
        var tensors = contents.Tensors;
        file.Position = 0;
        var hash = await Sha256Hex.OfAsync(file, cancellationToken);
        var weights = Safetensors.Sha256(tensors.Values);
        var manifest = await ReadManifestAsync(path, cancellationToken);
        if (manifest?.Files.GetValueOrDefault(Path.GetFileName(path)) is { } entry && entry.Sha256 != hash && entry.Sha256 != weights)
            throw new CheckpointInvalidException(path,
                $"its SHA-256 is {hash}, that of its weights {weights}, but {CheckpointManifest.FileName} beside it says {entry.Sha256}; fetch it again.");
        var values = tensors.Values.Sum(tensor => (long)tensor.Bytes.Length / tensor.Type.Size());
        return new VerifiedFile(tensors.Count, values, file.Length, hash, weights, manifest)
        {
            Contents = contents,
        };
    }

    private static async Task<CheckpointManifest?> ReadManifestAsync(string path, CancellationToken cancellationToken)
    {
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, CheckpointManifest.FileName);
        if (!File.Exists(beside))
            return null;
        if (new FileInfo(beside).Length > CheckpointManifest.MaxBytes)
            throw new CheckpointInvalidException(beside, $"it is longer than {CheckpointManifest.MaxBytes} bytes, so it is not a manifest.");
        var manifest = CheckpointManifest.Parse(await File.ReadAllBytesAsync(beside, cancellationToken), beside);
        return manifest.Files.ContainsKey(Path.GetFileName(path)) ? manifest : null;
    }
}
