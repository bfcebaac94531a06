using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Storage;

/// <summary>
/// What a put asks of the disk, step by step: each may be refused (full, read-only, broken). <see cref="KernelDisk"/> asks the kernel; tests put a disk
/// in its place that refuses at the step they choose.
/// </summary>
internal interface IDisk
{
    /// <summary>Creates a file that must not exist, for writing.</summary>
    SafeFileHandle Create(StoreFolder folder, string name);

    /// <summary>A stream that writes to the file, and closes it.</summary>
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

    public SafeFileHandle Create(StoreFolder folder, string name) => folder.CreateFile(name);

    public Stream OpenWrite(SafeFileHandle file) => new FileStream(file, FileAccess.Write, WriteBuffer);

    public void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public bool TryPublish(StoreFolder temporaries, string temporary, StoreFolder target, string name) => temporaries.TryPublish(temporary, target, name);

    public void Flush(StoreFolder folder) => folder.Sync();
}
