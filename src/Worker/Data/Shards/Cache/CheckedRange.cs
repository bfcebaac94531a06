using ChangeDetection.Core.Hosting;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Shards.Cache;

/// <summary>A range of a shard, where its bytes go, and how they are checked.</summary>
internal sealed record CheckedRange(long Offset, Memory<byte> Destination, Action<int> Check)
{
    /// <summary>Fills the range from a copy; what is wrong with it, or null.</summary>
    public async Task<ShardCorruptException?> ReadAsync(CachedCopy copy, CancellationToken cancellationToken)
    {
        try
        {
            CrashPoint.Reach(CrashPoints.SampleReading);
            Check(await copy.ReadAsync(Offset, Destination, cancellationToken));
            return null;
        }
        catch (ShardCorruptException exception)
        {
            return exception;
        }
        catch (IOException exception)
        {
            return new ShardCorruptException(
                copy.Path, $"cannot be read: {exception.Message.TrimEnd('.')}", "Look at the file system and its disk (dmesg).", exception);
        }
    }
}
