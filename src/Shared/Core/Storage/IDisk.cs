using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Core.Storage;

/// <summary>
/// What a put asks of the disk, step by step: each may be refused (full, read-only, broken). <see cref="KernelDisk"/> asks the kernel; tests put a disk
/// in its place that refuses at the step they choose.
/// </summary>
internal interface IDisk
{
    /// <inheritdoc cref="StoreFolder.CreateTemporary"/>
    SafeFileHandle Create(StoreFolder folder, out string name);

    /// <summary>A stream that writes to the file. The handle stays open behind it, and with it the lock by which the writer is known to live.</summary>
    Stream OpenWrite(SafeFileHandle file);

    /// <summary>Makes the file's bytes durable.</summary>
    void Flush(SafeFileHandle file);

    /// <inheritdoc cref="StoreFolder.TryPublish"/>
    bool TryPublish(StoreFolder temporaries, string temporary, StoreFolder target, string name);

    /// <summary>Makes the folder's names durable.</summary>
    void Flush(StoreFolder folder);
}

/// <summary>The real one.</summary>
internal sealed class KernelDisk : IDisk
{
    private const int WriteBuffer = 64 * 1024;

    public SafeFileHandle Create(StoreFolder folder, out string name) => folder.CreateTemporary(out name);

    public Stream OpenWrite(SafeFileHandle file) =>
        new FileStream(new SafeFileHandle(file.DangerousGetHandle(), ownsHandle: false), FileAccess.Write, WriteBuffer);

    public void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public bool TryPublish(StoreFolder temporaries, string temporary, StoreFolder target, string name) => temporaries.TryPublish(temporary, target, name);

    public void Flush(StoreFolder folder) => folder.Sync();
}
