using ChangeDetection.Runs;
using ChangeDetection.Storage;

namespace ChangeDetection.Scheduler.Commands;

/// <summary>
/// Files that a command sends into the store for a run that is yet to be queued. They are taken back unless <see cref="Keep"/> is called: once the run's
/// row refers to them. Those of a command that was killed are collected.
/// </summary>
internal sealed class RunUploads(SystemConnection system, Guid run) : IAsyncDisposable
{
    private readonly UploadStore _noted = new(system.Database);
    private readonly List<ObjectKey> _keys = [];
    private bool _isNoted;
    private bool _kept;

    public IObjectStore Store { get; } = ObjectStores.Open(system.Store);

    public Guid Run => run;

    public async Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        if (!_isNoted)
            await _noted.BeginAsync(run, cancellationToken);
        _isNoted = true;
        await Store.PutAsync(key, write, cancellationToken);
        _keys.Add(key);
    }

    public Task PutAsync(ObjectKey key, string path, CancellationToken cancellationToken) => PutAsync(key, async (target, token) =>
    {
        await using var source = File.OpenRead(path);
        await source.CopyToAsync(target, token);
    }, cancellationToken);

    public void Keep() => _kept = true;

    public async ValueTask DisposeAsync()
    {
        if (_kept || !_isNoted)
            return;
        foreach (var key in _keys)
            await Store.DeleteAsync(key, CancellationToken.None);
        await _noted.GiveUpAsync(run, CancellationToken.None);
    }
}
