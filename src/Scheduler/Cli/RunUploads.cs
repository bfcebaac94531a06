using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Connection;
using Npgsql;

namespace ChangeDetection.Scheduler.Cli;

/// <summary>
/// Files that a command sends into the store for a run that is yet to be queued. Disposal takes them back unless it has been. Those of a command that was
/// killed, or that can no longer reach the database, are collected.
/// </summary>
internal sealed class RunUploads(SystemConnection system, Guid run) : IAsyncDisposable
{
    private readonly UploadStore _noted = new(system.Database);
    private readonly List<ObjectKey> _keys = [];
    private bool _isNoted;

    public IObjectStore Store { get; } = ObjectStores.Open(system.Store);

    public Guid Run => run;

    public async Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        if (!_isNoted)
            await SystemIdentity.RequireNotForeignAsync(system.Database, Store, cancellationToken);
        if (!_isNoted)
            await _noted.BeginAsync(run, cancellationToken);
        _isNoted = true;
        await Store.PutAsync(key, write, cancellationToken);
        _keys.Add(key);
        // A checkpoint that is brought along has a row of its own.
        if (!key.Value.StartsWith(RunObject.Checkpoints(run), StringComparison.Ordinal))
            await _noted.SentAsync(run, await Store.LengthAsync(key, cancellationToken) ?? 0, cancellationToken);
    }

    public Task PutAsync(ObjectKey key, string path, CancellationToken cancellationToken) => PutAsync(key, async (target, token) =>
    {
        await using var source = File.OpenRead(path);
        await source.CopyToAsync(target, token);
    }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Asked, and not remembered: the answer to the commit that queued the run may have been lost.
            if (!_isNoted || !await _noted.IsPendingAsync(run, CancellationToken.None))
                return;
            foreach (var key in _keys)
                await Store.DeleteAsync(key, CancellationToken.None);
            await _noted.GiveUpAsync(run, CancellationToken.None);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException)
        {
            // What failed before is the thing to tell.
        }
    }
}
