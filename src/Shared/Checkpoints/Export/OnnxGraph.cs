using System.Runtime.InteropServices;

namespace ChangeDetection.Checkpoints.Export;

/// <summary>
/// A network as an ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; field numbers are from there), operators of set 13. Inputs
/// <c>before</c> and <c>after</c>, output <c>log_probability</c>; batch, height and width are free.
/// </summary>
internal sealed class OnnxGraph : INetworkGraph
{
    private const int FormatVersion = 7;
    private const int OperatorSet = 13;
    private const int FloatType = 1;
    private const int LongType = 7;
    private const string Output = "log_probability";
    private const string NoPadding = "no_padding";

    private readonly NetworkExport _network;
    private readonly ProtocolBuffer _graph = new();
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private int _values;

    private OnnxGraph(NetworkExport network) => _network = network;

    /// <summary>The file's bytes.</summary>
    public static ReadOnlyMemory<byte> Write(NetworkExport network)
    {
        network.RequireKnown();
        var graph = new OnnxGraph(network);
        var result = new FullyConvolutionalGraph(graph).Tell(network.Model.Name, NetworkExport.Before, NetworkExport.After);
        graph.Node("Identity", [result], Output);
        graph._graph.Text(2, network.Model.Name)
            .Message(11, Image(NetworkExport.Before, network.Model.Channels)).Message(11, Image(NetworkExport.After, network.Model.Channels)).Message(12, Image(Output, 2));
        return new ProtocolBuffer().Number(1, FormatVersion).Text(2, "changedetection").Message(7, graph._graph)
            .Message(8, new ProtocolBuffer().Text(1, "").Number(2, OperatorSet))
            .Message(14, new ProtocolBuffer().Text(1, "normalization").Text(2, network.NormalizationJson)).Bytes;
    }

    public string Convolution(string layer, string x) =>
        Node("Conv", [x, Weight($"{layer}.weight"), Weight($"{layer}.bias")], null, Numbers("kernel_shape", 3, 3), Numbers("pads", 1, 1, 1, 1), Numbers("strides", 1, 1));

    public string TransposedConvolution(string layer, string x, int stride) => Node("ConvTranspose", [x, Weight($"{layer}.weight"), Weight($"{layer}.bias")], null,
        Numbers("kernel_shape", 3, 3), Numbers("pads", 1, 1, 1, 1), Numbers("strides", stride, stride), Numbers("output_padding", stride - 1, stride - 1));

    public string Normalization(string layer, string x) => Node("BatchNormalization",
        [x, Weight($"{layer}.weight"), Weight($"{layer}.bias"), Weight($"{layer}.running_mean"), Weight($"{layer}.running_var")], null,
        new ProtocolBuffer().Text(1, "epsilon").Real(2, 1e-5f).Number(20, 1));

    public string Rectify(string x) => Node("Relu", [x]);

    public string Pool(string x) => Node("MaxPool", [x], null, Numbers("kernel_shape", 2, 2), Numbers("strides", 2, 2));

    public string RepeatTo(string x, string like)
    {
        // Both have the same batch and channels, so that the difference of their shapes is what is to be added behind each axis.
        var added = Node("Sub", [Node("Shape", [like]), Node("Shape", [x])]);
        return Node("Pad", [x, Node("Concat", [Constant(NoPadding, 0, 0, 0, 0), added], null, Number("axis", 0))], null, new ProtocolBuffer().Text(1, "mode").Text(4, "edge").Number(20, 3));
    }

    public string Concatenate(params IReadOnlyList<string> maps) => Node("Concat", maps, null, Number("axis", 1));

    public string AbsoluteDifference(string a, string b) => Node("Abs", [Node("Sub", [a, b])]);

    public string LogSoftmax(string x) => Node("LogSoftmax", [x], null, Number("axis", 1));

    private string Node(string type, IReadOnlyList<string> inputs, string? output = null, params ReadOnlySpan<ProtocolBuffer> attributes)
    {
        output ??= $"{type}{_values++}";
        var node = new ProtocolBuffer();
        foreach (var input in inputs)
            node.Text(1, input);
        node.Text(2, output).Text(3, output).Text(4, type);
        foreach (var attribute in attributes)
            node.Message(5, attribute);
        _graph.Message(1, node);
        return output;
    }

    private string Weight(string name)
    {
        if (!_written.Add(name))
            return name;
        var tensor = _network.Tensor(name);
        return Initializer(name, FloatType, tensor.Shape, tensor.Bytes.Span);
    }

    private string Constant(string name, params long[] values) =>
        _written.Add(name) ? Initializer(name, LongType, [values.Length], MemoryMarshal.AsBytes<long>(values)) : name;

    private string Initializer(string name, int type, IReadOnlyList<long> shape, ReadOnlySpan<byte> bytes)
    {
        var tensor = new ProtocolBuffer();
        foreach (var side in shape)
            tensor.Number(1, side);
        _graph.Message(5, tensor.Number(2, type).Text(8, name).Raw(9, bytes));
        return name;
    }

    private static ProtocolBuffer Number(string name, long value) => new ProtocolBuffer().Text(1, name).Number(3, value).Number(20, 2);

    private static ProtocolBuffer Numbers(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new ProtocolBuffer().Text(1, name);
        foreach (var value in values)
            attribute.Number(8, value);
        return attribute.Number(20, 7);
    }

    /// <summary>A value [batch, channels, height, width] of float32.</summary>
    private static ProtocolBuffer Image(string name, int channels)
    {
        var shape = new ProtocolBuffer().Message(1, Free("batch")).Message(1, new ProtocolBuffer().Number(1, channels)).Message(1, Free("height")).Message(1, Free("width"));
        return new ProtocolBuffer().Text(1, name).Message(2, new ProtocolBuffer().Message(1, new ProtocolBuffer().Number(1, FloatType).Message(2, shape)));
    }

    private static ProtocolBuffer Free(string name) => new ProtocolBuffer().Text(2, name);
}
