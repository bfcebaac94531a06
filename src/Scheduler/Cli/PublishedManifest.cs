using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Checkpoints;

namespace ChangeDetection.Scheduler.Cli;

/// <summary>A checkpoint's manifest out of the store, which is the one that was published.</summary>
internal sealed record PublishedManifest(CheckpointManifest Manifest, byte[] Json)
{
    /// <exception cref="CheckpointInvalidException">It is gone, or another one than was published.</exception>
    public static async Task<PublishedManifest> ReadAsync(IObjectStore store, CheckpointRecord checkpoint, CancellationToken cancellationToken)
    {
        var subject = $"{checkpoint.Prefix}/{CheckpointManifest.FileName}";
        await using var stream = await WeightsDownload.OpenAsync(store, checkpoint, CheckpointManifest.FileName, cancellationToken);
        var room = new byte[CheckpointManifest.MaxBytes];
        var json = room[..await stream.ReadAtLeastAsync(room, room.Length, throwOnEndOfStream: false, cancellationToken)];
        var hash = Sha256Hex.Of(json);
        return hash == checkpoint.ManifestSha256
            ? new PublishedManifest(CheckpointManifest.Parse(json, subject), json)
            : throw new CheckpointInvalidException(subject, $"its SHA-256 is {hash}, but {checkpoint.ManifestSha256} was published; the stored object is damaged. Fetch another step.");
    }
}
