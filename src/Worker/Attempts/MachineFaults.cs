using System.Runtime.InteropServices;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Attempts;

/// <summary>
/// Which exceptions may be the machine's fault and not the run's. Said by class, with the benefit of the doubt: the worker then checks its machine,
/// and charges the run where the check passes.
/// </summary>
public static class MachineFaults
{
    /// <summary>ENOSPC and EDQUOT, as .NET passes them on.</summary>
    private static readonly int[] s_full = [28, 122];

    /// <summary>What libtorch says when it is the device that failed; it has one kind of exception for everything.</summary>
    private static readonly string[] s_deviceWords =
        ["cuda error", "cudnn", "cublas", "cufft", "cusolver", "nvml", "driver", "device-side", "ecc error"];

    /// <summary>Whether a file system on the way was full: of the store, of the scratch folder.</summary>
    public static bool IsFullDisk(Exception exception) => Chain(exception).Any(cause => cause is IOException && s_full.Contains(cause.HResult));

    public static Suspect Suspected(Exception exception)
    {
        if (Chain(exception).Any(IsOfDevice))
            return Suspect.Device;
        return Chain(exception).Any(IsOfMachine) ? Suspect.Machine : Suspect.None;
    }

    private static bool IsOfDevice(Exception cause) => cause is DeviceUnavailableException or DllNotFoundException or TypeInitializationException
        || cause is ExternalException && s_deviceWords.Any(words => cause.Message.Contains(words, StringComparison.OrdinalIgnoreCase));

    /// <summary>A store that refuses or is silent, a file system that does; libtorch, whatever it says. Damaged data is damaged everywhere.</summary>
    private static bool IsOfMachine(Exception cause) => cause is ExternalException or UnauthorizedAccessException
        || cause is IOException and not (ShardCorruptException or ObjectReplacedException or ObjectNotFoundException or ObjectExistsException);

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
