using System.Runtime.InteropServices;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Worker.Data.Shards.Cache;

/// <summary>
/// Keeps the cache's folder within its bytes. A fetch takes the room for the whole copy beforehand, in its temporary file, so that fetches of
/// several processes count each other; then the least recently used copies without a reader make way.
/// </summary>
internal sealed partial class CacheEviction(string folder, long capacity, FileObjectStore files, TimeProvider time)
{
    private const int NoSpace = 28;
    private const int Quota = 122;

    /// <summary>A living fetch writes all the time.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    /// <summary>Indexes are held for a moment only, while they are read or written.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(200);

    private string LockFile => Path.Combine(folder, ShardCache.LockFolder, "room");

    /// <summary>Makes a temporary file as long as the copy will be, and room for it.</summary>
    /// <exception cref="NoRoomException">What others are reading leaves no room.</exception>
    /// <exception cref="IOException">The disk is full, and no copy is left to make way.</exception>
    public async Task TakeAsync(Stream temporary, long bytes, CancellationToken cancellationToken)
    {
        using var turn = await HoldAsync(cancellationToken);
        await CollectAsync(cancellationToken);
        Reserve(temporary, bytes, OldestOnTop());
        var start = time.GetTimestamp();
        while (!TryMake())
        {
            if (time.GetElapsedTime(start) >= s_settling)
                throw new NoRoomException($"all of its {capacity >> 20} MiB are in use at this moment");
            await Task.Delay(s_settling / 10, time, cancellationToken);
        }
    }

    /// <summary>Until it is disposed no process evicts anything.</summary>
    /// <exception cref="NoRoomException">Another process does not let go of it.</exception>
    public async Task<IDisposable> HoldAsync(CancellationToken cancellationToken) =>
        await CacheLock.TakeAsync(LockFile, s_patience, time, cancellationToken)
            ?? throw new NoRoomException("another process has been making room in it for half a minute");

    /// <summary>Whether all copies together, those under way too, are within the capacity once what can make way has.</summary>
    private bool TryMake()
    {
        var copies = OldestOnTop();
        var taken = copies.Concat(Temporaries()).Sum(LengthOf);
        while (taken > capacity && copies.TryPop(out var oldest))
        {
            var length = LengthOf(oldest);
            taken -= TryEvict(oldest) ? length : 0;
        }
        return taken <= capacity;
    }

    private Stack<FileInfo> OldestOnTop() => new(new DirectoryInfo(folder).EnumerateFiles().OrderByDescending(copy => copy.LastWriteTimeUtc));

    /// <summary>Removes what killed fetches left behind.</summary>
    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        await foreach (var put in files.ListUnfinishedAsync(s_idle, cancellationToken))
            await files.DeleteUnfinishedAsync(put, cancellationToken);
    }

    /// <summary>The disk's own word on whether there is room, before a byte is fetched. A full disk takes copies, too.</summary>
    private static void Reserve(Stream temporary, long bytes, Stack<FileInfo> copies)
    {
        if (temporary is not FileStream file || bytes == 0)
            return;
        while (Allocate(file.SafeFileHandle, 0, 0, bytes) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error is not (NoSpace or Quota))
            {
                // A file system that cannot allocate still counts a length.
                file.SetLength(bytes);
                return;
            }
            do
            {
                if (copies.Count == 0)
                    throw new IOException(Marshal.GetPInvokeErrorMessage(error)) { HResult = error };
            }
            while (!TryEvict(copies.Pop()));
        }
    }

    /// <summary>False for a copy that is being read.</summary>
    private static bool TryEvict(FileInfo copy)
    {
        try
        {
            using var alone = CacheLock.TryOpen(copy.FullName, FileMode.Open);
            if (alone is null)
                return false;
            CrashPoint.Reach(CrashPoints.ShardEvicting);
            copy.Delete();
            return true;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
    }

    /// <summary>None for a file that is gone since its folder was read.</summary>
    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    /// <summary>The folder is there as long as something is being fetched.</summary>
    private FileInfo[] Temporaries()
    {
        try
        {
            return new DirectoryInfo(Path.Combine(folder, ShardCache.TemporaryFolder)).GetFiles();
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);
}

/// <summary>The cache is full of what is in use; the message ends a sentence about it.</summary>
internal sealed class NoRoomException(string reason) : Exception(reason);
