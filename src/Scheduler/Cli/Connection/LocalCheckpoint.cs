using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Scheduler.Cli.Connection;

/// <summary>A weights file on this machine, and the manifest that says what it is.</summary>
internal sealed record LocalCheckpoint(string Path, VerifiedFile File, CheckpointManifest Manifest, byte[] ManifestJson)
{
    /// <summary>Of a file that says itself what it is. Nobody knows of which run it is.</summary>
    public static LocalCheckpoint Of(string path, VerifiedFile file, WeightsMeaning meaning)
    {
        var manifest = new CheckpointManifest
        {
            Format = CheckpointManifest.CurrentFormat,
            Run = Guid.Empty,
            Attempt = 0,
            Epoch = 0,
            Step = 0,
            Position = 0,
            ConfigDigest = "",
            Model = meaning.Network,
            Normalization = meaning.Normalization,
            Pixels = meaning.Pixels,
            Mask = meaning.Mask,
            Files = new Dictionary<string, CheckpointFileEntry>
            {
                [CheckpointManifest.WeightsFile] = new(Safetensors.Length(file.Contents.Tensors.Values), file.WeightsSha256),
            },
            State = new RunningState(0, 0, null),
            Metrics = new Dictionary<string, double>(),
            Numerics = new Numerics("", 0, "", ""),
            WrittenAt = System.IO.File.GetLastWriteTimeUtc(path),
        };
        return new LocalCheckpoint(path, file, manifest, manifest.ToJson());
    }

    /// <summary>Writes the weights as they are stored, without what the file says of itself.</summary>
    public async Task WriteWeightsAsync(Stream target, CancellationToken cancellationToken)
    {
        if (File.Sha256 != File.WeightsSha256)
        {
            await Safetensors.WriteAsync(target, File.Contents.Tensors.Values, cancellationToken);
            return;
        }
        await using var source = System.IO.File.OpenRead(Path);
        await source.CopyToAsync(target, cancellationToken);
    }
}
