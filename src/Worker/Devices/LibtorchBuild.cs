using System.Text.RegularExpressions;

namespace ChangeDetection.Worker.Devices;

/// <summary>What the libtorch that is loaded says of itself; TorchSharp's own word is the version that it was made for.</summary>
/// <param name="Lines">Compilers, CUDA, cuDNN and flags, as <c>at::show_config</c> lists them.</param>
internal sealed partial record LibtorchBuild(string? Version, string? Cuda, string? CuDnn, IReadOnlyList<string> Lines)
{
    private const int Width = 300;

    public static LibtorchBuild Parse(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new LibtorchBuild(
            Find(TorchVersion(), text), Find(CudaVersion(), text), Find(CuDnnVersion(), text),
            [.. lines.Select(line => line.Length > Width ? line[..Width] + "…" : line)]);
    }

    public override string ToString() =>
        $"{Version ?? "of unknown version"}, {(Cuda is null ? "without CUDA" : $"CUDA {Cuda}")}{(CuDnn is null ? "" : $", cuDNN {CuDnn}")}";

    private static string? Find(Regex pattern, string text) => pattern.Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"TORCH_VERSION=([^,\s]+)")]
    private static partial Regex TorchVersion();

    [GeneratedRegex(@"CUDA Runtime ([0-9.]+)")]
    private static partial Regex CudaVersion();

    [GeneratedRegex(@"CuDNN ([0-9.]+)")]
    private static partial Regex CuDnnVersion();
}
