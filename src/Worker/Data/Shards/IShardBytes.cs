using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Shards;

/// <summary>The bytes of one shard, read by position: straight from the data set's store, or from a copy on the local disk.</summary>
internal interface IShardBytes : IDisposable
{
    /// <summary>Fills <paramref name="destination"/> and has it checked.</summary>
    /// <param name="check">
    /// Called with the number of bytes that were there; throws when these are not the ones that were packed. May be called again, when the bytes were
    /// read anew.
    /// </param>
    /// <exception cref="ShardCorruptException">What <paramref name="check"/> threw, where no better bytes are to be had.</exception>
    /// <exception cref="ObjectNotFoundException">The shard is gone.</exception>
    Task ReadAsync(long offset, Memory<byte> destination, Action<int> check, CancellationToken cancellationToken);
}
