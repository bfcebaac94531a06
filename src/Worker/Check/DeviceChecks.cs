using System.Globalization;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Devices;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Check;

/// <summary>
/// The steps <c>device</c> and <c>tensor</c>: whether libtorch sees the device, and computes on it what the CPU computes; and both in brief, for the
/// self-check of a worker.
/// </summary>
internal static class DeviceChecks
{
    /// <summary>Convolutions on a GPU may round their inputs to TF32, 10 bits of mantissa.</summary>
    private const double ConvolutionTolerance = 2e-2;

    public static StepFinding Visible(string name, int threads)
    {
        var details = new List<string>();
        if (name != "cpu")
            details.Add(CudaDriver.Describe());
        try
        {
            var libtorch = NativeContext.Build();
            details.AddRange(libtorch.Lines);
            if (name != "cpu")
            {
                // Says more than "no such device" where TorchSharp or libtorch's CUDA part cannot be initialised.
                InitializeDeviceType(TorchSharp.DeviceType.CUDA);
                var cuDnn = cuda.is_cudnn_available() ? "with" : "without";
                details.Add(FormattableString.Invariant($"libtorch sees {cuda.device_count()} CUDA devices, {cuDnn} cuDNN"));
            }
            var device = ComputeDevice.Open(name, threads, Determinism.On);
            var driver = name == "cpu" ? "" : $"; {details[0]}";
            return new StepFinding { Summary = $"libtorch {libtorch}; {Describe(device.Numerics)}{driver}", Details = details };
        }
#pragma warning disable CA1031 // Whatever libtorch throws here is what the check is to report, beside what the driver says.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var failure = StepFinding.Failure(exception, details);
            return name == "cpu" ? failure : failure with { Error = $"{failure.Error}\nThe driver: {details[0]}" };
        }
    }

    public static string Describe(Numerics numerics) =>
        string.Create(CultureInfo.InvariantCulture, $"{numerics.Device}, {numerics.Threads} threads of {numerics.Isa}");

    /// <summary>One small convolution, of whole numbers: exact in any order of additions, and where a GPU rounds to TF32 too.</summary>
    public static StepFinding ComputesBriefly(string name, int threads)
    {
        using var scope = NewDisposeScope();
        var device = ComputeDevice.Open(name, threads, Determinism.On);
        const int side = 5, kernel = 3;
        var image = arange(side * side, dtype: float32, device: device.Torch).view(1, 1, side, side);
        var weight = arange(kernel * kernel, dtype: float32, device: device.Torch).view(1, 1, kernel, kernel);
        var there = nn.functional.conv2d(image, weight).cpu().data<float>().ToArray();
        for (var at = 0; at < there.Length; at++)
        {
            var (row, column) = (at / (side - kernel + 1), at % (side - kernel + 1));
            var expected = Enumerable.Range(0, kernel * kernel).Sum(one => one * ((row + one / kernel) * side + column + one % kernel));
            if (there[at] != expected)
                return StepFinding.Failure(FormattableString.Invariant($"A small convolution gives {there[at]} where {expected} is right."));
        }
        return new StepFinding { Summary = $"{Describe(device.Numerics)}; libtorch {NativeContext.Build()}; a small convolution is exact" };
    }

    public static StepFinding Computes(string name, int threads)
    {
        using var scope = NewDisposeScope();
        var device = ComputeDevice.Open(name, threads, Determinism.On);
        device.Seed(7);
        // Small whole numbers: exact in any order of additions and at any precision.
        var whole = arange(64 * 64, dtype: float32).remainder(7).view(64, 64);
        var product = whole.to(device.Torch).mm(whole.to(device.Torch)).cpu();
        var exact = product.equal(whole.mm(whole)).all().item<bool>();
        manual_seed(7);
        var (image, weight) = (randn(2, 16, 32, 32), randn(16, 16, 3, 3) / 12);
        var reference = nn.functional.conv2d(image, weight, padding: [1, 1]);
        var there = nn.functional.conv2d(image.to(device.Torch), weight.to(device.Torch), padding: [1, 1]).cpu();
        var difference = (there - reference).abs().max().item<float>();
        var figures = new Dictionary<string, double> { ["largest_convolution_difference"] = difference };
        if (!exact)
            return StepFinding.Failure($"A product of matrices of small whole numbers on {name} is not that of the CPU.");
        if (!(difference <= ConvolutionTolerance))
        {
            var wrong = FormattableString.Invariant($"A convolution on {name} differs from the CPU's by {difference}.");
            return StepFinding.Failure(wrong) with { Figures = figures };
        }
        var summary = FormattableString.Invariant($"a matrix product is exact, a convolution within {difference:0.0e0} of the CPU's");
        return new StepFinding { Summary = summary, Figures = figures };
    }
}
