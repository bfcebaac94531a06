using ChangeDetection.Scheduler.Cli.Errors;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary>Formats that weights can leave in.</summary>
internal enum WeightsFormat
{
    /// <summary>The weights, as they are stored.</summary>
    Safetensors,
    /// <summary>PyTorch's zip format: a state dictionary.</summary>
    Pth,
    /// <summary>The network with its weights, for libtorch.</summary>
    TorchScript,
    /// <summary>The network with its weights, for any ONNX runtime.</summary>
    Onnx,
}

/// <summary>Formats by the endings of files.</summary>
internal static class WeightsFormats
{
    private static readonly (string Ending, WeightsFormat Format)[] s_endings =
    [
        (".safetensors", WeightsFormat.Safetensors), (".pth", WeightsFormat.Pth), (".pt", WeightsFormat.TorchScript), (".onnx", WeightsFormat.Onnx),
    ];

    /// <summary>Endings and what they stand for, for help and messages.</summary>
    public static string Endings => string.Join(", ", s_endings.Select(one => $"{one.Ending} ({one.Format.ToString().ToLowerInvariant()})"));

    /// <summary>Safetensors for a name without an ending.</summary>
    /// <exception cref="CommandException">The ending is that of no format.</exception>
    public static WeightsFormat OfEnding(string path)
    {
        var ending = Path.GetExtension(path).ToLowerInvariant();
        return ending.Length == 0 ? WeightsFormat.Safetensors
            : s_endings.Any(one => one.Ending == ending) ? s_endings.First(one => one.Ending == ending).Format
            : throw new CommandException(
                $"--out: of which format '{path}' is to be cannot be told by '{ending}'. There are {Endings}; or say it with --format.");
    }
}
