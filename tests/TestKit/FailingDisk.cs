using ChangeDetection.Core.Storage;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.TestKit;

/// <summary>The step of a put that a disk refuses.</summary>
public enum DiskStep { Create, FirstByte, Middle, Flush, Rename, FlushFolder }

/// <summary>How it refuses.</summary>
public enum DiskFault
{
    /// <summary>ENOSPC.</summary>
    Full,
    /// <summary>EACCES.</summary>
    Denied,
    /// <summary>EIO.</summary>
    Broken,
}

/// <summary>
/// A disk under a real file store that refuses at one step of a put, as Linux would: a real one cannot be had to fail at a flush, or for an account
/// that may do everything. All other calls are the kernel's.
/// </summary>
public sealed class FailingDisk(DiskStep step, DiskFault fault)
{
    /// <summary>In the middle of the smallest object that a checkpoint has.</summary>
    private const long Middle = 500;

    private readonly KernelDisk _kernel = new();
    private int _putsBefore = int.MaxValue;

    /// <summary>A file store on this disk.</summary>
    public IObjectStore Store(string root) => new FileObjectStore(root, TimeProvider.System, new Calls(this));

    /// <summary>From now on puts are refused, after so many that are not.</summary>
    public void Refuse(int putsBefore = 0) => _putsBefore = putsBefore;

    /// <summary>From now on nothing is refused.</summary>
    public void Heal() => _putsBefore = int.MaxValue;

    private bool Refuses(DiskStep at) => at == step && _putsBefore < 0;

    private static int Number(DiskFault fault) => fault switch
    {
        DiskFault.Full => StorageErrors.NoSpace,
        DiskFault.Denied => StorageErrors.AccessDenied,
        _ => StorageErrors.InputOutput,
    };

    /// <summary>As .NET reports a failed write or flush.</summary>
    private IOException Raw() => new("refused by the test") { HResult = Number(fault) };

    /// <summary>As <see cref="StoreFolder"/> reports a failed call.</summary>
    private IOException Told(StoreFolder folder, string name) => StorageErrors.Of(Number(fault), "write", Path.Combine(folder.Path, name));

    private sealed class Calls(FailingDisk disk) : IDisk
    {
        public SafeFileHandle Create(StoreFolder folder, out string name)
        {
            if (disk._putsBefore != int.MaxValue)
                disk._putsBefore--;
            return disk.Refuses(DiskStep.Create) ? throw disk.Told(folder, "new") : disk._kernel.Create(folder, out name);
        }

        public Stream OpenWrite(SafeFileHandle file)
        {
            var stream = disk._kernel.OpenWrite(file);
            return disk.Refuses(DiskStep.FirstByte) ? new RefusingStream(stream, 0, disk.Raw)
                : disk.Refuses(DiskStep.Middle) ? new RefusingStream(stream, Middle, disk.Raw)
                : stream;
        }

        public void Flush(SafeFileHandle file)
        {
            if (disk.Refuses(DiskStep.Flush))
                throw disk.Raw();
            disk._kernel.Flush(file);
        }

        public bool TryPublish(StoreFolder temporaries, string temporary, StoreFolder target, string name) =>
            disk.Refuses(DiskStep.Rename) ? throw disk.Told(target, name) : disk._kernel.TryPublish(temporaries, temporary, target, name);

        public void Flush(StoreFolder folder)
        {
            if (disk.Refuses(DiskStep.FlushFolder))
                throw disk.Told(folder, "");
            disk._kernel.Flush(folder);
        }
    }
}
