using System.Security.Cryptography;
using System.Text.Json;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Worker.Checkpoints;

/// <summary>
/// Puts a checkpoint's objects under <c>runs/RUN/checkpoints/STEP-aATTEMPT</c>. The attempt in the key is the fence: an attempt that lost its lease
/// can write no object that its successor writes too. Nothing refers to the objects until the offer that comes back is accepted.
/// </summary>
public sealed class CheckpointWriter(IObjectStore store, CheckpointOwner owner, TimeProvider time)
{
    /// <summary>Objects of a failed try that the failing store would not delete either. They would be in the way of the next try at the same step.</summary>
    private readonly List<ObjectKey> _leftBehind = [];

    /// <summary>Writes all objects; when the task ends they are durable, of the right length, and described by the row that they are to have.</summary>
    /// <exception cref="IOException">The store failed. What had been written is gone again, and earlier checkpoints are untouched.</exception>
    public async Task<CheckpointRecord> WriteAsync(
        CheckpointContents contents, bool best, IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        var prefix = RunObject.Checkpoint(owner.Run, contents.Step, owner.Attempt);
        var written = new List<ObjectKey>();
        try
        {
            CrashPoint.Reach(CrashPoints.CheckpointBeforePut);
            await DeleteAsync(_leftBehind, cancellationToken);
            var weights = await PutTensorsAsync(prefix / CheckpointManifest.WeightsFile, contents.Weights, written, cancellationToken);
            CrashPoint.Reach(CrashPoints.CheckpointAfterWeights);
            var optimizer = await PutTensorsAsync(prefix / CheckpointManifest.OptimizerFile, contents.Optimizer, written, cancellationToken);
            var json = Manifest(contents, metrics, weights, optimizer).ToJson();
            var manifest = await PutAsync(
                prefix / CheckpointManifest.FileName, json.Length, (stream, token) => stream.WriteAsync(json, token).AsTask(), written, cancellationToken);
            CrashPoint.Reach(CrashPoints.CheckpointAfterManifest);
            return new CheckpointRecord
            {
                Prefix = prefix.Value,
                Epoch = contents.Epoch,
                Step = contents.Step,
                WeightsSha256 = weights.Sha256,
                ManifestSha256 = manifest.Sha256,
                Bytes = weights.Bytes + optimizer.Bytes + manifest.Bytes,
                OptimizerBytes = optimizer.Bytes,
                Best = best,
                Metrics = JsonSerializer.Serialize(metrics),
            };
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            await TakeBackAsync(written);
            throw;
        }
    }

    private CheckpointManifest Manifest(
        CheckpointContents contents, IReadOnlyDictionary<string, double> metrics, CheckpointFileEntry weights, CheckpointFileEntry optimizer) => new()
    {
        Format = CheckpointManifest.CurrentFormat,
        Run = owner.Run,
        Attempt = owner.Attempt,
        Epoch = contents.Epoch,
        Step = contents.Step,
        Position = contents.Position,
        ConfigDigest = owner.ConfigDigest,
        DatasetSha256 = owner.DatasetSha256,
        Model = owner.Model,
        Normalization = owner.Normalization,
        Pixels = owner.Pixels,
        Mask = owner.Mask,
        Files = new SortedDictionary<string, CheckpointFileEntry>(StringComparer.Ordinal)
        {
            [CheckpointManifest.WeightsFile] = weights,
            [CheckpointManifest.OptimizerFile] = optimizer,
        },
        State = contents.State,
        Metrics = metrics,
        Numerics = owner.Numerics,
        WrittenAt = time.GetUtcNow(),
    };

    private Task<CheckpointFileEntry> PutTensorsAsync(
        ObjectKey key, IReadOnlyList<TensorData> tensors, List<ObjectKey> written, CancellationToken cancellationToken)
        => PutAsync(key, Safetensors.Length(tensors), (stream, token) => Safetensors.WriteAsync(stream, tensors, token), written, cancellationToken);

    private async Task<CheckpointFileEntry> PutAsync(
        ObjectKey key, long length, Func<Stream, CancellationToken, Task> write, List<ObjectKey> written, CancellationToken cancellationToken)
    {
        byte[] hash = [];
        try
        {
            await store.PutAsync(key, async (stream, token) =>
            {
                using var sha = SHA256.Create();
                await using (var hashing = new CryptoStream(stream, sha, CryptoStreamMode.Write, leaveOpen: true))
                    await write(hashing, token);
                hash = sha.Hash!;
            }, cancellationToken);
        }
        finally
        {
            // Also where it failed: a put that fails behind its rename may leave the object.
            written.Add(key);
        }
        return await store.LengthAsync(key, cancellationToken) == length
            ? new CheckpointFileEntry(length, Convert.ToHexStringLower(hash))
            : throw new IOException($"{store.Root}: '{key}' is not of the {length} bytes that were written to it.");
    }

    private async Task TakeBackAsync(List<ObjectKey> written)
    {
        _leftBehind.AddRange(written);
        try
        {
            await DeleteAsync(_leftBehind, CancellationToken.None);
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            // The store is failing; the first failure is the one to tell. What stays is unreferenced: the next try takes it away, or the collector does.
        }
    }

    private async Task DeleteAsync(List<ObjectKey> keys, CancellationToken cancellationToken)
    {
        while (keys.Count > 0)
        {
            await store.DeleteAsync(keys[^1], cancellationToken);
            keys.RemoveAt(keys.Count - 1);
        }
    }
}
