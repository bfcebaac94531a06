using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Devices;

/// <summary>
/// Switches of libtorch that TorchSharp does not expose, called by their C++ names. They take and give numbers and pointers only,
/// which C and C++ pass alike.
/// </summary>
internal static unsafe class NativeContext
{
    private const string Library = "libtorch_cpu.so";

    /// <summary>Makes GPU kernels deterministic: an operation without such a kernel is an error, or a warning with <paramref name="warnOnly"/>.</summary>
    public static void UseDeterministicAlgorithms(bool warnOnly)
    {
        var context = ((delegate* unmanaged<void*>)Export("_ZN2at13globalContextEv"))();
        ((delegate* unmanaged<void*, byte, byte, void>)Export("_ZN2at7Context26setDeterministicAlgorithmsEbb"))(context, 1, warnOnly ? (byte)1 : (byte)0);
        // Choosing kernels by timing them would choose differently from run to run.
        ((delegate* unmanaged<void*, byte, void>)Export("_ZN2at7Context17setBenchmarkCuDNNEb"))(context, 0);
        ((delegate* unmanaged<void*, byte, void>)Export("_ZN2at7Context21setDeterministicCuDNNEb"))(context, 1);
        // Every buffer here is written before it is read; filling fresh ones with NaN would only cost time.
        ((delegate* unmanaged<void*, byte, void>)Export("_ZN2at7Context39setDeterministicFillUninitializedMemoryEb"))(context, 0);
    }

    /// <summary>The instruction set that CPU kernels dispatch to: <c>default</c>, <c>avx2</c>, <c>avx512</c>.</summary>
    public static string CpuCapability() =>
        ReadString((delegate* unmanaged<nint*, nint*>)Export("_ZN2at18get_cpu_capabilityB5cxx11Ev")).ToLowerInvariant();

    /// <summary>The result of a C++ function of the form <c>std::string f()</c>.</summary>
    private static string ReadString(delegate* unmanaged<nint*, nint*> function)
    {
        // The caller passes room for the result; its first word points to the characters, its second counts them.
        var text = stackalloc nint[4];
        function(text);
        return Marshal.PtrToStringAnsi(text[0], (int)text[1]);
    }

    /// <summary>No more warnings of libtorch on standard error: for a verb whose output people read. Its errors are exceptions, and stay.</summary>
    public static void SilenceWarnings()
    {
        const int error = 2;
        InitializeDeviceType(TorchSharp.DeviceType.CPU);
        // c10/util/Logging.cpp. A build with glog has another flag, and keeps its warnings.
        if (NativeLibrary.TryGetExport(s_library.Value, "FLAGS_caffe2_log_level", out var level))
            *(int*)level = error;
    }

    /// <summary>How the libtorch that is loaded was built, as it says itself.</summary>
    public static LibtorchBuild Build() => LibtorchBuild.Parse(ReadString((delegate* unmanaged<nint*, nint*>)Export("_ZN2at11show_configB5cxx11Ev")));

    private static nint Export(string symbol)
    {
        InitializeDeviceType(TorchSharp.DeviceType.CPU);
        return NativeLibrary.GetExport(s_library.Value, symbol);
    }

    // TorchSharp has loaded it by then, wherever it was found; the loader answers a known name with the library that is there.
    private static readonly Lazy<nint> s_library = new(() => NativeLibrary.Load(Library));
}
