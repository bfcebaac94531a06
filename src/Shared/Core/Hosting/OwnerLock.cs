namespace ChangeDetection.Core.Hosting;

/// <summary>
/// The right to run the system of one data folder: an exclusive file lock, which the kernel releases when its process ends,
/// kill -9 included. Whoever starts or stops the folder's PostgreSQL cluster holds it.
/// </summary>
public sealed class OwnerLock : IDisposable
{
    private const string LockName = "owner.lock";
    private const string HolderName = "owner.json";
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _lock;

    private OwnerLock(FileStream stream) => _lock = stream;

    /// <summary>Takes the lock, waiting up to <paramref name="patience"/> for a holder that is about to end.</summary>
    /// <param name="folder">The data folder to own.</param>
    /// <param name="purpose">What for, as the next one in line will read it: <c>up</c>, <c>list</c>.</param>
    /// <param name="patience">Zero: try once.</param>
    /// <exception cref="DataFolderInUseException">Somebody else holds it.</exception>
    public static async Task<OwnerLock> TakeAsync(
        DataFolder folder, string purpose, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            if (TryTake(folder, purpose, time) is { } taken)
                return taken;
            if (time.GetElapsedTime(start) >= patience)
                throw new DataFolderInUseException(folder, HolderOf(folder));
            await Task.Delay(s_poll, time, cancellationToken);
        }
    }

    /// <summary>Takes the lock, or returns null when somebody else holds it.</summary>
    public static OwnerLock? TryTake(DataFolder folder, string purpose, TimeProvider time)
    {
        if (OpenExclusively(folder) is not { } stream)
            return null;
        try
        {
            // In a file of its own: the locked one cannot be opened by those who want to know.
            PrivateFile.Write(folder[HolderName], new LockHolder(Environment.ProcessId, purpose, time.GetUtcNow()));
            return new OwnerLock(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Whether a system, or a verb that borrowed its cluster, is up on this folder at this moment.</summary>
    public static bool IsHeld(DataFolder folder)
    {
        using var stream = OpenExclusively(folder);
        return stream is null;
    }

    /// <summary>Who took the lock last; meaningful while <see cref="IsHeld"/>.</summary>
    public static LockHolder? HolderOf(DataFolder folder) => PrivateFile.Read<LockHolder>(folder[HolderName]);

    public void Dispose() => _lock.Dispose();

    private static FileStream? OpenExclusively(DataFolder folder)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            return new FileStream(folder[LockName], options);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new DataFolderException($"The data folder '{folder}' belongs to another account. Run as that account, or choose another folder.", error);
        }
        catch (IOException error) when (error is not (DirectoryNotFoundException or FileNotFoundException) && IsSharingViolation(error))
        {
            return null;
        }
    }

    /// <summary>EWOULDBLOCK from flock: the runtime carries the raw errno.</summary>
    private static bool IsSharingViolation(IOException error) => (error.HResult & 0xFFFF) is 11 or 35;
}

/// <summary>Who owns a data folder, and since when.</summary>
public sealed record LockHolder(int Pid, string Purpose, DateTimeOffset Since);

/// <summary>Another process owns the data folder.</summary>
public sealed class DataFolderInUseException(DataFolder folder, LockHolder? holder) : IOException(
    $"The data folder '{folder}' is in use"
    + (holder is null ? "" : $" by process {holder.Pid} (changedetection {holder.Purpose}, since {UtcTime.Text(holder.Since.UtcDateTime)})")
    + ". Stop that process, or choose another folder with --data-dir.")
{
    public LockHolder? Holder { get; } = holder;
}
