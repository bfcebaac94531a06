using System.Runtime.InteropServices;

namespace ChangeDetection.Worker.Devices;

/// <summary>
/// NVIDIA's driver, asked without libtorch, which says of a GPU that it cannot use no more than that there is none. The functions are those of the
/// CUDA driver API.
/// </summary>
internal static unsafe class CudaDriver
{
    private const string Library = "libcuda.so.1";
    private const int CapabilityMajor = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
    private const int CapabilityMinor = 76;

    private static readonly Lazy<nint> s_library = new(() => NativeLibrary.Load(Library));

    /// <summary>Its version and its devices, or what it fails with.</summary>
    public static string Describe()
    {
        try
        {
            var version = 0;
            Check(((delegate* unmanaged<int*, int>)Export("cuDriverGetVersion"))(&version), "cuDriverGetVersion");
            var speaks = $"the driver is for CUDA up to {version / 1000}.{version % 1000 / 10}";
            try
            {
                return $"{speaks}; {Devices()}";
            }
            catch (DeviceUnavailableException exception)
            {
                return $"{speaks}; {exception.Message}";
            }
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException or DeviceUnavailableException)
        {
            return exception.Message.Trim().Split('\n')[^1];
        }
    }

    /// <summary>Free and total bytes of the device that the calling thread computes on.</summary>
    /// <exception cref="DeviceUnavailableException">The thread computes on none.</exception>
    public static (long Free, long Total) Memory()
    {
        nuint free, total;
        Check(((delegate* unmanaged<nuint*, nuint*, int>)Export("cuMemGetInfo_v2"))(&free, &total), "cuMemGetInfo");
        return ((long)free, (long)total);
    }

    private static string Devices()
    {
        Check(((delegate* unmanaged<uint, int>)Export("cuInit"))(0), "cuInit");
        var count = 0;
        Check(((delegate* unmanaged<int*, int>)Export("cuDeviceGetCount"))(&count), "cuDeviceGetCount");
        var devices = Enumerable.Range(0, count)
            .Select(device => $"device {device} of compute capability {Attribute(CapabilityMajor, device)}.{Attribute(CapabilityMinor, device)}");
        return count == 0 ? "it sees no device" : string.Join(", ", devices);
    }

    private static int Attribute(int attribute, int device)
    {
        int value;
        Check(((delegate* unmanaged<int*, int, int, int>)Export("cuDeviceGetAttribute"))(&value, attribute, device), "cuDeviceGetAttribute");
        return value;
    }

    private static void Check(int result, string function)
    {
        if (result == 0)
            return;
        byte* name = null;
        _ = ((delegate* unmanaged<int, byte**, int>)Export("cuGetErrorName"))(result, &name);
        var error = name is null ? "an unknown error" : Marshal.PtrToStringAnsi((nint)name);
        throw new DeviceUnavailableException($"{function} fails with {error} ({result})");
    }

    private static nint Export(string function) => NativeLibrary.GetExport(s_library.Value, function);
}
