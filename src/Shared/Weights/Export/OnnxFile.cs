namespace ChangeDetection.Weights.Export;

/// <summary>An ONNX model, for any runtime of that format.</summary>
public static class OnnxFile
{
    /// <exception cref="NotSupportedException">The network's computation cannot be told.</exception>
    public static async Task WriteAsync(Stream stream, NetworkExport network, CancellationToken cancellationToken) =>
        await stream.WriteAsync(OnnxGraph.Write(network), cancellationToken);
}
