using System.Globalization;
using System.Text;

namespace ChangeDetection.Weights.Export;

/// <summary>
/// A network as TorchScript source, in the form that <c>torch.jit.save</c> serialises: a class for each kind of layer, and one for each module that has
/// others as attributes, the network first of all, so that <c>state_dict()</c> of what is loaded has the names of the weights.
/// </summary>
internal sealed class TorchScriptGraph : INetworkGraph
{
    /// <summary>The module that all classes are in.</summary>
    public const string Module = "__torch__";

    private readonly StringBuilder _lines = new();
    private readonly SortedDictionary<string, TorchScriptLayer> _kinds = new(StringComparer.Ordinal);
    private int _values;

    /// <summary>The network's object, once it was told.</summary>
    public TorchScriptModule Root { get; } = new("ChangeNetwork");

    /// <summary>The source, once the network was told.</summary>
    public string Source(string result)
    {
        var source = new StringBuilder();
        foreach (var kind in _kinds.Values)
        {
            Head(source, kind.Name, kind.Parameters, kind.Buffers);
            foreach (var part in kind.Parameters.Concat(kind.Buffers))
                source.Append($"  {part} : Tensor\n");
            source.Append($"  def forward(self: {Module}.{kind.Name},\n    x: Tensor) -> Tensor:\n    return {kind.Result}\n");
        }
        foreach (var module in Root.WithAllBelow().Where(module => module.Layer is null))
        {
            Head(source, module.Class, [], []);
            foreach (var (name, child) in module.Children)
                source.Append(CultureInfo.InvariantCulture, $"  __annotations__[\"{name}\"] = {Module}.{child.Class}\n");
        }
        source.Append(
            $"  def forward(self: {Module}.{Root.Class},\n    {NetworkExport.Before}: Tensor,\n    {NetworkExport.After}: Tensor) -> " +
            $"Tensor:\n{_lines}    return {result}\n");
        return source.ToString();
    }

    public string Convolution(string layer, string x, ConvolutionShape shape)
    {
        var (before, after, stride) = (shape.PaddingBefore, shape.PaddingAfter, shape.Stride);
        var bias = shape.HasBias ? "self.bias" : "None";
        string result;
        if (shape.Transposed)
        {
            result = $"torch.conv_transpose2d(x, self.weight, {bias}, [{stride}, {stride}], [{before}, {before}], [{shape.OutputPadding}, " +
                $"{shape.OutputPadding}], {shape.Groups}, [1, 1])";
            if (after > before)
                result = $"torch.slice(torch.slice({result}, 2, 0, {before - after}), 3, 0, {before - after})";
        }
        else
        {
            var padded = after > before ? $"torch.constant_pad_nd(x, [0, {after - before}, 0, {after - before}], 0)" : "x";
            result = $"torch.conv2d({padded}, self.weight, {bias}, [{stride}, {stride}], [{before}, {before}], [1, 1], {shape.Groups})";
        }
        var name = $"{(shape.Transposed ? "TransposedConvolution" : "Convolution")}_{shape.Kernel}_{stride}_{shape.Groups}{(shape.HasBias ? "" : "_unbiased")}";
        return Call(layer, new TorchScriptLayer(name, shape.HasBias ? ["weight", "bias"] : ["weight"], [], result), x);
    }

    public string Normalization(string layer, string x) => Call(layer, TorchScriptLayer.Normalization, x);

    public string NormalizeEach(string x) => Value($"torch.instance_norm({x}, None, None, None, None, True, 0.1, 1.0e-05, False)");

    public string Rectify(string x) => Value($"torch.relu({x})");

    public string RectifyLeaky(string layer, string x) => Call(layer, TorchScriptLayer.LeakyRectifier, x);

    public string Sigmoid(string x) => Value($"torch.sigmoid({x})");

    public string LogSigmoid(string x) => Value($"torch.log_sigmoid({x})");

    public string Negate(string x) => Value($"torch.neg({x})");

    public string Absolute(string x) => Value($"torch.abs({x})");

    public string Add(string a, string b) => Value($"torch.add({a}, {b})");

    public string Subtract(string a, string b) => Value($"torch.sub({a}, {b})");

    public string Multiply(string a, string b) => Value($"torch.mul({a}, {b})");

    public string Pool(string x) => Value($"torch.max_pool2d({x}, [2, 2], [2, 2], [0, 0], [1, 1], False)");

    public string MeanOfPixels(string x) => Value($"torch.mean({x}, [2, 3], True)");

    public string MaximumOfPixels(string x) => Value($"torch.amax({x}, [2, 3], True)");

    public string RepeatTo(string x, string like) =>
        RepeatBehind(x, Value($"torch.sub({Height(like)}, {Height(x)})"), Value($"torch.sub({Width(like)}, {Width(x)})"));

    // The remainder has the divisor's sign, so that of the negative side is what is missing.
    public string RepeatToMultiple(string x, int multiple) =>
        RepeatBehind(x, Value($"torch.remainder(torch.neg({Height(x)}), {multiple})"), Value($"torch.remainder(torch.neg({Width(x)}), {multiple})"));

    public string CutTo(string x, string like) => Value($"torch.slice(torch.slice({x}, 2, 0, {Height(like)}), 3, 0, {Width(like)})");

    public string Double(string x) => Value($"torch.upsample_nearest2d({x}, [torch.mul({Height(x)}, 2), torch.mul({Width(x)}, 2)])");

    public string ResizeTo(string x, string like) => Value($"torch.upsample_bilinear2d({x}, [{Height(like)}, {Width(like)}], True)");

    public string Concatenate(params IReadOnlyList<string> maps) => Value($"torch.cat([{string.Join(", ", maps)}], 1)");

    public string Interleave(string a, string b) => Value($"torch.flatten(torch.stack([{a}, {b}], 2), 1, 2)");

    public string LogSoftmax(string x) => Value($"torch.log_softmax({x}, 1)");

    private static string Height(string x) => $"torch.size({x}, 2)";

    private static string Width(string x) => $"torch.size({x}, 3)";

    private string RepeatBehind(string x, string rows, string columns) => Value($"torch.replication_pad2d({x}, [0, {columns}, 0, {rows}])");

    private string Call(string layer, TorchScriptLayer kind, string x)
    {
        _kinds[kind.Name] = kind;
        var path = layer.Split('.');
        Root.Put(path, kind);
        // Layers may have numbers for names.
        return Value($"({path.Aggregate("self", (module, name) => $"getattr({module}, \"{name}\")")}).forward({x}, )");
    }

    private string Value(string expression)
    {
        var name = $"v{_values++}";
        _lines.Append($"    {name} = {expression}\n");
        return name;
    }

    private static void Head(StringBuilder source, string name, IReadOnlyList<string> parameters, IReadOnlyList<string> buffers) =>
        source.Append($"class {name}(Module):\n  __parameters__ = [{Listed(parameters)}]\n  __buffers__ = [{Listed(buffers)}]\n  training : bool\n");

    private static string Listed(IReadOnlyList<string> names) => string.Concat(names.Select(name => $"\"{name}\", "));
}
