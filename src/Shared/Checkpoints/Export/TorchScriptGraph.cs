using System.Text;

namespace ChangeDetection.Checkpoints.Export;

/// <summary>
/// A network as TorchScript source, in the form that <c>torch.jit.save</c> serialises: a class for each kind of layer, and one for the network whose
/// attributes are the layers, so that <c>state_dict()</c> of what is loaded has the reference's names.
/// </summary>
internal sealed class TorchScriptGraph : INetworkGraph
{
    /// <summary>The module that all classes are in.</summary>
    public const string Module = "__torch__";
    public const string Network = "ChangeNetwork";

    private const string ConvolutionClass = "Convolution";
    private const string TransposedClass = "TransposedConvolution";
    private const string UpsamplingClass = "Upsampling";
    private const string NormalizationClass = "Normalization";

    private readonly StringBuilder _lines = new();
    private readonly SortedDictionary<string, string> _layers = new(StringComparer.Ordinal);
    private int _values;

    /// <summary>Class of each layer, by name.</summary>
    public IReadOnlyDictionary<string, string> Layers => _layers;

    /// <summary>Parts of a layer of this class that are trained, and those that are not.</summary>
    public static (string[] Parameters, string[] Buffers) Parts(string layerClass) =>
        (["weight", "bias"], layerClass == NormalizationClass ? ["running_mean", "running_var", "num_batches_tracked"] : []);

    /// <summary>The source, once the network was told.</summary>
    public string Source(string result)
    {
        var source = new StringBuilder();
        Class(source, ConvolutionClass, "torch.conv2d(x, self.weight, self.bias, [1, 1], [1, 1], [1, 1], 1)");
        Class(source, TransposedClass, "torch.conv_transpose2d(x, self.weight, self.bias, [1, 1], [1, 1], [0, 0], 1, [1, 1])");
        Class(source, UpsamplingClass, "torch.conv_transpose2d(x, self.weight, self.bias, [2, 2], [1, 1], [1, 1], 1, [1, 1])");
        Class(source, NormalizationClass, "torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var, False, 0.1, 1.0e-05, False)");
        Head(source, Network, [], []);
        foreach (var (name, layer) in _layers)
            source.Append($"  {name} : {Module}.{layer}\n");
        source.Append($"  def forward(self: {Module}.{Network},\n    {NetworkExport.Before}: Tensor,\n    {NetworkExport.After}: Tensor) -> Tensor:\n{_lines}    return {result}\n");
        return source.ToString();
    }

    public string Convolution(string layer, string x) => Call(layer, ConvolutionClass, x);

    public string TransposedConvolution(string layer, string x, int stride) => Call(layer, stride == 1 ? TransposedClass : UpsamplingClass, x);

    public string Normalization(string layer, string x) => Call(layer, NormalizationClass, x);

    public string Rectify(string x) => Value($"torch.relu({x})");

    public string Pool(string x) => Value($"torch.max_pool2d({x}, [2, 2], [2, 2], [0, 0], [1, 1], False)");

    public string RepeatTo(string x, string like)
    {
        var rows = Value($"torch.sub(torch.size({like}, 2), torch.size({x}, 2))");
        var columns = Value($"torch.sub(torch.size({like}, 3), torch.size({x}, 3))");
        return Value($"torch.replication_pad2d({x}, [0, {columns}, 0, {rows}])");
    }

    public string Concatenate(params IReadOnlyList<string> maps) => Value($"torch.cat([{string.Join(", ", maps)}], 1)");

    public string AbsoluteDifference(string a, string b) => Value($"torch.abs(torch.sub({a}, {b}))");

    public string LogSoftmax(string x) => Value($"torch.log_softmax({x}, 1)");

    private string Call(string layer, string layerClass, string x)
    {
        _layers[layer] = layerClass;
        return Value($"(self.{layer}).forward({x}, )");
    }

    private string Value(string expression)
    {
        var name = $"v{_values++}";
        _lines.Append($"    {name} = {expression}\n");
        return name;
    }

    private static void Class(StringBuilder source, string name, string result)
    {
        var (parameters, buffers) = Parts(name);
        Head(source, name, parameters, buffers);
        foreach (var part in parameters.Concat(buffers))
            source.Append($"  {part} : Tensor\n");
        source.Append($"  def forward(self: {Module}.{name},\n    x: Tensor) -> Tensor:\n    return {result}\n");
    }

    private static void Head(StringBuilder source, string name, string[] parameters, string[] buffers) =>
        source.Append($"class {name}(Module):\n  __parameters__ = [{Listed(parameters)}]\n  __buffers__ = [{Listed(buffers)}]\n  training : bool\n");

    private static string Listed(string[] names) => string.Concat(names.Select(name => $"\"{name}\", "));
}
