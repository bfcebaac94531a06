using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Worker.Data.Shards.Cache;

/// <summary>What a copy must be: its name in the cache is the SHA-256 of what it holds.</summary>
/// <param name="Sha256">Lower-case hexadecimal, by the data set's manifest.</param>
internal readonly record struct CachedContent(string Sha256, long Bytes);

/// <summary>A copy that is open for reading. Its shared lock keeps it from being evicted; the kernel takes the lock back from a process that dies.</summary>
internal sealed class CachedCopy : IDisposable
{
    private static readonly TimeSpan s_moment = TimeSpan.FromSeconds(2);

    private readonly SafeFileHandle _file;

    private CachedCopy(SafeFileHandle file, string path) => (_file, Path) = (file, path);

    public string Path { get; }

    public long Length => RandomAccess.GetLength(_file);

    /// <summary>Null when there is none. A process that publishes or evicts it holds it exclusively for a moment; that is waited for.</summary>
    public static async Task<CachedCopy?> OpenAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new CachedCopy(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read), path);
            }
            catch (IOException exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
            catch (IOException exception) when (CacheLock.IsHeld(exception) && time.GetElapsedTime(start) < s_moment)
            {
                await Task.Delay(s_moment / 200, time, cancellationToken);
            }
        }
    }

    /// <summary>Notes that it was used: the least recently used goes first.</summary>
    public void Touch(TimeProvider time) => File.SetLastWriteTimeUtc(_file, time.GetUtcNow().UtcDateTime);

    /// <summary>Reads by position; fewer bytes than asked for where the file ends.</summary>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var read = 0;
        while (read < destination.Length && await RandomAccess.ReadAsync(_file, destination[read..], offset + read, cancellationToken) is > 0 and var more)
            read += more;
        return read;
    }

    public void Dispose() => _file.Dispose();
}
