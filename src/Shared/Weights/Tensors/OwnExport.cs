using System.Text;
using ChangeDetection.Core.Checkpoints;

namespace ChangeDetection.Weights.Tensors;

/// <summary>Files that hold weights with their computation, which <c>checkpoint get</c> writes for other programs: this one does not read them back.</summary>
internal static class OwnExport
{
    /// <summary>Enough of a file's beginning to tell by.</summary>
    public const int StartLength = 32;

    /// <summary>A record that every TorchScript archive of ours has, below its folder.</summary>
    public const string TorchScriptRecord = "extra/normalization.json";

    /// <summary>Field 1 of an ONNX model, its format's version, and field 2, what produced it.</summary>
    public const int OnnxVersion = 7;
    public const string OnnxProducer = "changedetection";

    private static readonly byte[] s_onnx = [1 << 3, OnnxVersion, 2 << 3 | 2, (byte)OnnxProducer.Length, .. Encoding.ASCII.GetBytes(OnnxProducer)];

    /// <summary>Whether a file begins as an ONNX model of ours.</summary>
    public static bool IsOnnx(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)s_onnx);

    public static CheckpointInvalidException Refused(string subject, string format) => new(
        subject,
        $"it is a file of {format} that 'changedetection checkpoint get' wrote for other programs: it computes, and is not read back. Take the weights of " +
        "the run it is of: changedetection checkpoint get RUN --out weights.safetensors (or weights.pth); 'changedetection list' shows the runs.");
}
