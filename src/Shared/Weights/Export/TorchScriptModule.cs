namespace ChangeDetection.Weights.Export;

/// <summary>A kind of layer in TorchScript: what it holds, and what it makes of <c>x</c>.</summary>
/// <param name="Name">Of its class.</param>
/// <param name="Parameters">Tensors that are trained.</param>
/// <param name="Buffers">Tensors that are not.</param>
/// <param name="Result">An expression.</param>
internal sealed record TorchScriptLayer(string Name, IReadOnlyList<string> Parameters, IReadOnlyList<string> Buffers, string Result)
{
    public static TorchScriptLayer Normalization { get; } = new(
        "Normalization", ["weight", "bias"], ["running_mean", "running_var", "num_batches_tracked"],
        "torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var, False, 0.1, 1.0e-05, False)");

    public static TorchScriptLayer LeakyRectifier { get; } = new("LeakyRectifier", ["weight"], [], "torch.prelu(x, self.weight)");
}

/// <summary>An object of TorchScript: a layer, or one whose attributes are others.</summary>
internal sealed class TorchScriptModule(string path)
{
    private readonly SortedDictionary<string, TorchScriptModule> _children = new(StringComparer.Ordinal);

    /// <summary>Null of one that has others.</summary>
    public TorchScriptLayer? Layer { get; private set; }

    public IReadOnlyDictionary<string, TorchScriptModule> Children => _children;

    /// <summary>The name of its class.</summary>
    public string Class => Layer?.Name ?? path;

    /// <summary>Puts a layer where its path says; once or, of one that is used again, more often.</summary>
    public void Put(ReadOnlySpan<string> names, TorchScriptLayer layer)
    {
        if (names.IsEmpty)
        {
            Layer = layer;
            return;
        }
        if (!_children.TryGetValue(names[0], out var child))
            _children[names[0]] = child = new TorchScriptModule($"{path}_{names[0]}");
        child.Put(names[1..], layer);
    }

    /// <summary>Those below, and itself at the end.</summary>
    public IEnumerable<TorchScriptModule> WithAllBelow() => _children.Values.SelectMany(child => child.WithAllBelow()).Append(this);
}
