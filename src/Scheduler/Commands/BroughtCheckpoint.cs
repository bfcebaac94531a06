using System.Security.Cryptography;
using ChangeDetection.Checkpoints;
using ChangeDetection.Runs;
using ChangeDetection.Storage;

namespace ChangeDetection.Scheduler.Commands;

/// <summary>
/// A checkpoint's objects that were put into the store for a run that is yet to be submitted. They are taken back unless <see cref="Keep"/> is called: once
/// the run's row refers to them.
/// </summary>
internal sealed class BroughtCheckpoint : IAsyncDisposable
{
    private readonly IObjectStore? _store;
    private readonly List<ObjectKey> _keys = [];
    private bool _kept;

    private BroughtCheckpoint(IObjectStore? store) => _store = store;

    public static BroughtCheckpoint Nothing => new(store: null);

    /// <summary>The row to be; null when nothing was brought.</summary>
    public CheckpointRecord? Record { get; private init; }

    public static async Task<BroughtCheckpoint> PutAsync(IObjectStore store, Guid run, LocalCheckpoint file, CancellationToken cancellationToken)
    {
        var prefix = RunObject.Checkpoint(run, file.Manifest.Step, attempt: 0);
        var weights = file.Manifest.Files[CheckpointManifest.WeightsFile];
        var brought = new BroughtCheckpoint(store)
        {
            Record = new CheckpointRecord
            {
                RunId = run,
                Step = file.Manifest.Step,
                Epoch = file.Manifest.Epoch,
                Prefix = prefix.Value,
                WeightsSha256 = weights.Sha256,
                ManifestSha256 = Convert.ToHexStringLower(SHA256.HashData(file.ManifestJson)),
                Bytes = weights.Bytes + file.ManifestJson.Length,
                Metrics = System.Text.Json.JsonSerializer.Serialize(file.Manifest.Metrics),
            },
        };
        try
        {
            await brought.PutAsync(prefix / CheckpointManifest.WeightsFile, async (stream, token) =>
            {
                await using var source = File.OpenRead(file.Path);
                await source.CopyToAsync(stream, token);
            }, cancellationToken);
            await brought.PutAsync(prefix / CheckpointManifest.FileName, (stream, token) => stream.WriteAsync(file.ManifestJson, token).AsTask(), cancellationToken);
            return brought;
        }
        catch
        {
            await brought.DisposeAsync();
            throw;
        }
    }

    public void Keep() => _kept = true;

    public async ValueTask DisposeAsync()
    {
        foreach (var key in _kept ? [] : _keys)
            await _store!.DeleteAsync(key, CancellationToken.None);
        _keys.Clear();
    }

    private async Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        await _store!.PutAsync(key, write, cancellationToken);
        _keys.Add(key);
    }
}
