using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Shards;

/// <summary>A shard that is open or about to be, and how many of its samples are still to be read from it.</summary>
/// <param name="opened">Ends when it can be read from.</param>
/// <param name="onIdle">Called when the last of them was read.</param>
internal sealed class ShardInUse(ShardManifest manifest, Task<OpenShard> opened, Action onIdle)
{
    private int _uses;

    public ShardManifest Manifest => manifest;
    public Task<OpenShard> Opened => opened;

    /// <summary>The last position in the order that was seen to need it.</summary>
    public int LastPosition { get; private set; }

    public bool IsIdle => Volatile.Read(ref _uses) == 0;

    /// <summary>Another sample will be read from it.</summary>
    public void Use(int position)
    {
        LastPosition = position;
        Interlocked.Increment(ref _uses);
    }

    /// <summary>A sample was read from it.</summary>
    public void Done()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
            onIdle();
    }

    /// <summary>Closes it; one that could not be opened has nothing to close.</summary>
    public async ValueTask CloseAsync()
    {
        await ((Task)opened).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opened.IsCompletedSuccessfully)
            (await opened).Bytes.Dispose();
    }
}
