using System.Text.Json;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Cli.Connection;

namespace ChangeDetection.Scheduler.Cli;

/// <summary>Puts a checkpoint that is a file of this machine into the store, as if an attempt 0 of the run that is to read it had published it.</summary>
internal static class CheckpointUpload
{
    /// <returns>The row to be.</returns>
    public static async Task<CheckpointRecord> PutAsync(RunUploads uploads, LocalCheckpoint file, CancellationToken cancellationToken)
    {
        var prefix = RunObject.Checkpoint(uploads.Run, file.Manifest.Step, attempt: 0);
        var weights = file.Manifest.Files[CheckpointManifest.WeightsFile];
        await uploads.PutAsync(prefix / CheckpointManifest.WeightsFile, file.WriteWeightsAsync, cancellationToken);
        await uploads.PutAsync(
            prefix / CheckpointManifest.FileName, (stream, token) => stream.WriteAsync(file.ManifestJson, token).AsTask(), cancellationToken);
        return new CheckpointRecord
        {
            RunId = uploads.Run,
            Step = file.Manifest.Step,
            Epoch = file.Manifest.Epoch,
            Prefix = prefix.Value,
            WeightsSha256 = weights.Sha256,
            ManifestSha256 = Sha256Hex.Of(file.ManifestJson),
            Bytes = weights.Bytes + file.ManifestJson.Length,
            Metrics = JsonSerializer.Serialize(file.Manifest.Metrics),
        };
    }
}
