using System.Runtime.InteropServices;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.Export;

/// <summary>
/// A network as an ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; field numbers are from there), operators of set 13. Inputs
/// <c>before</c> and <c>after</c>, output <c>log_probability</c>; batch, height and width are free.
/// </summary>
internal sealed class OnnxGraph : INetworkGraph
{
    private const int OperatorSet = 13;
    private const int FloatType = 1;
    private const int LongType = 7;
    private const string Output = "log_probability";
    /// <summary>An optional input that is not given.</summary>
    private const string Absent = "";
    private const float Epsilon = 1e-5f;

    private readonly NetworkExport _network;
    private readonly ProtocolBuffer _graph = new();
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private int _values;

    private OnnxGraph(NetworkExport network) => _network = network;

    /// <summary>The file's bytes.</summary>
    public static ReadOnlyMemory<byte> Write(NetworkExport network)
    {
        var graph = new OnnxGraph(network);
        var result = network.Tell(graph);
        graph.Node(Output, "Identity", [result], []);
        graph._graph.Text(2, network.Model.Name)
            .Message(11, Image(NetworkExport.Before, network.Model.Channels)).Message(
                11, Image(NetworkExport.After, network.Model.Channels)).Message(12, Image(Output, network.Classes));
        var model = new ProtocolBuffer().Number(1, OwnExport.OnnxVersion).Text(2, OwnExport.OnnxProducer).Message(7, graph._graph)
            .Message(8, new ProtocolBuffer().Text(1, "").Number(2, OperatorSet))
            .Message(14, new ProtocolBuffer().Text(1, "normalization").Text(2, network.NormalizationJson));
        if (network.Meaning is { } meaning)
            model.Message(14, new ProtocolBuffer().Text(1, WeightsMeaning.Key).Text(2, meaning.ToJson()));
        return model.Bytes;
    }

    public string Convolution(string layer, string x, ConvolutionShape shape)
    {
        var (before, after) = (shape.PaddingBefore, shape.PaddingAfter);
        var attributes = new List<ProtocolBuffer>
        {
            Numbers("kernel_shape", shape.Kernel, shape.Kernel), Numbers("strides", shape.Stride, shape.Stride),
            Numbers("pads", before, before, after, after), Number("group", shape.Groups),
        };
        if (shape.Transposed)
            attributes.Add(Numbers("output_padding", shape.OutputPadding, shape.OutputPadding));
        string[] bias = shape.HasBias ? [Weight($"{layer}.bias")] : [];
        return Node(shape.Transposed ? "ConvTranspose" : "Conv", [x, Weight($"{layer}.weight"), .. bias], [.. attributes]);
    }

    public string Normalization(string layer, string x) => Node("BatchNormalization",
        [x, Weight($"{layer}.weight"), Weight($"{layer}.bias"), Weight($"{layer}.running_mean"), Weight($"{layer}.running_var")],
        Real("epsilon", Epsilon));

    public string NormalizeEach(string x)
    {
        // InstanceNormalization wants a scale for each channel, and there are none.
        var centred = Subtract(x, Mean(x));
        return Node("Div", [centred, Node("Sqrt", [Add(Mean(Multiply(centred, centred)), Constant(FloatType, [], MemoryMarshal.AsBytes([Epsilon])))])]);

        string Mean(string map) => Node("ReduceMean", [map], Numbers("axes", 2, 3));
    }

    public string Rectify(string x) => Node("Relu", [x]);

    public string RectifyLeaky(string layer, string x) => Node("PRelu", [x, Weight($"{layer}.weight")]);

    public string Sigmoid(string x) => Node("Sigmoid", [x]);

    public string LogSigmoid(string x) => Negate(Node("Softplus", [Negate(x)]));

    public string Negate(string x) => Node("Neg", [x]);

    public string Absolute(string x) => Node("Abs", [x]);

    public string Add(string a, string b) => Node("Add", [a, b]);

    public string Subtract(string a, string b) => Node("Sub", [a, b]);

    public string Multiply(string a, string b) => Node("Mul", [a, b]);

    public string Pool(string x) => Node("MaxPool", [x], Numbers("kernel_shape", 2, 2), Numbers("strides", 2, 2));

    public string MeanOfPixels(string x) => Node("GlobalAveragePool", [x]);

    public string MaximumOfPixels(string x) => Node("GlobalMaxPool", [x]);

    public string RepeatTo(string x, string like) => RepeatBehind(x, Subtract(Sides(like), Sides(x)));

    // The remainder has the divisor's sign, so that of the negative side is what is missing.
    public string RepeatToMultiple(string x, int multiple) => RepeatBehind(x, Node("Mod", [Negate(Sides(x)), Constants(multiple)]));

    public string CutTo(string x, string like) => Node("Slice", [x, Constants(0, 0), Sides(like), Constants(2, 3)]);

    public string Double(string x) =>
        Resize(x, Multiply(Sides(x), Constants(2)), Words("mode", "nearest"),
            Words("coordinate_transformation_mode", "asymmetric"), Words("nearest_mode", "floor"));

    public string ResizeTo(string x, string like) => Resize(x, Sides(like), Words("mode", "linear"), Words("coordinate_transformation_mode", "align_corners"));

    public string Interleave(string a, string b)
    {
        var paired = Node("Concat", [Node("Unsqueeze", [a, Constants(2)]), Node("Unsqueeze", [b, Constants(2)])], Number("axis", 2));
        // [N, C, 2, H, W] to [N, 2C, H, W]; in a shape, 0 is the side as it is, and -1 what is left.
        return Node("Reshape", [paired, Joined(Constants(0, -1), Sides(a))]);
    }

    public string Concatenate(params IReadOnlyList<string> maps) => Node("Concat", maps, Number("axis", 1));

    public string LogSoftmax(string x) => Node("LogSoftmax", [x], Number("axis", 1));

    /// <summary>(H, W) of a map.</summary>
    private string Sides(string x) => Node("Slice", [Node("Shape", [x]), Constants(2), Constants(4)]);

    private string Joined(params IReadOnlyList<string> lists) => Node("Concat", lists, Number("axis", 0));

    private string RepeatBehind(string x, string added) => Node("Pad", [x, Joined(Constants(0, 0, 0, 0, 0, 0), added)], Words("mode", "edge"));

    private string Resize(string x, string sides, params ReadOnlySpan<ProtocolBuffer> attributes) =>
        Node("Resize", [x, Absent, Absent, Joined(Node("Slice", [Node("Shape", [x]), Constants(0), Constants(2)]), sides)], attributes);

    private string Node(string type, IReadOnlyList<string> inputs, params ReadOnlySpan<ProtocolBuffer> attributes) =>
        Node($"{type}{_values++}", type, inputs, attributes);

    private string Node(string output, string type, IReadOnlyList<string> inputs, ReadOnlySpan<ProtocolBuffer> attributes)
    {
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

    private string Constants(params ReadOnlySpan<long> values) => Constant(LongType, [values.Length], MemoryMarshal.AsBytes(values));

    private string Constant(int type, IReadOnlyList<long> shape, ReadOnlySpan<byte> bytes)
    {
        var name = $"constant_{Convert.ToHexString(bytes)}";
        return _written.Add(name) ? Initializer(name, type, shape, bytes) : name;
    }

    private string Initializer(string name, int type, IReadOnlyList<long> shape, ReadOnlySpan<byte> bytes)
    {
        var tensor = new ProtocolBuffer();
        foreach (var side in shape)
            tensor.Number(1, side);
        _graph.Message(5, tensor.Number(2, type).Text(8, name).Raw(9, bytes));
        return name;
    }

    private static ProtocolBuffer Real(string name, float value) => new ProtocolBuffer().Text(1, name).Real(2, value).Number(20, 1);

    private static ProtocolBuffer Words(string name, string value) => new ProtocolBuffer().Text(1, name).Text(4, value).Number(20, 3);

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
        var shape = new ProtocolBuffer().Message(1, Free("batch")).Message(
            1, new ProtocolBuffer().Number(1, channels)).Message(1, Free("height")).Message(1, Free("width"));
        return new ProtocolBuffer().Text(1, name).Message(2, new ProtocolBuffer().Message(1, new ProtocolBuffer().Number(1, FloatType).Message(2, shape)));
    }

    private static ProtocolBuffer Free(string name) => new ProtocolBuffer().Text(2, name);
}
