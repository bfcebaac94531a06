using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>
/// Where the decoded cache of a run goes and how large it may become: never more than a quarter of the free room, nor than the config allows.
/// </summary>
internal static class DecodedCacheFactory
{
    private const int PartOfTheRoom = 4;

    /// <summary>Opens the cache; null for none.</summary>
    /// <param name="epochs">How often the data is gone through: what is read once need not be kept.</param>
    public static DecodedCache? Open(LoaderConfig loader, int epochs, string scratchFolder, LoaderCounters counters, Action<string> warn)
    {
        var most = (long)loader.DecodedCacheMb << 20;
        switch (loader.DecodedCache)
        {
            case DecodedCacheKind.Memory:
                var capacity = Math.Min(most, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / PartOfTheRoom);
                return new DecodedCache(new DecodedMemory(capacity), capacity, counters, warn);
            case DecodedCacheKind.Disk:
            case DecodedCacheKind.Auto when epochs > 1 && !IsMemory(scratchFolder):
                return OpenFile(scratchFolder, most, counters, warn);
            default:
                return null;
        }
    }

    /// <summary>A run without its cache is slower, and no less right: a folder that takes no file is a warning.</summary>
    private static DecodedCache? OpenFile(string folder, long most, LoaderCounters counters, Action<string> warn)
    {
        try
        {
            var capacity = Math.Min(most, new DriveInfo(folder).AvailableFreeSpace / PartOfTheRoom);
            return new DecodedCache(new DecodedFile(folder), capacity, counters, warn);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            warn($"There is no decoded cache, because the scratch folder {folder} takes no file: {exception.Message.TrimEnd('.')}. Name another " +
                $"by {ScratchFolder.Variable}, or set loader.decoded_cache to off.");
            return null;
        }
    }

    /// <summary>Files of a tmpfs are memory, beyond what was reckoned with.</summary>
    private static bool IsMemory(string folder)
    {
        try
        {
            return new DriveInfo(folder).DriveFormat is "tmpfs" or "ramfs";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
