using ChangeDetection.Weights.Tensors;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Checkpoints;

/// <summary>Between libtorch's tensors, on any device and in any memory order, and row-major bytes.</summary>
internal static class Tensors
{
    /// <summary>A copy of the tensor's values.</summary>
    public static TensorData Read(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var rows = tensor.detach().cpu().contiguous();
        return new TensorData(name, Type(tensor.dtype), [.. tensor.shape], rows.bytes.ToArray());
    }

    /// <summary>Puts values into the tensors of their names, such as a network's <c>state_dict</c>.</summary>
    public static void Write(IEnumerable<TensorData> values, IReadOnlyDictionary<string, Tensor> tensors)
    {
        foreach (var data in values)
            Write(data, tensors[data.Name]);
    }

    /// <summary>Puts values into a tensor of the same type and shape, keeping its device and memory order.</summary>
    public static void Write(TensorData data, Tensor tensor)
    {
        if (Layout(tensor) != data.Layout)
            throw new ArgumentException($"Tensor '{data.Name}' is {data.Layout}, but {Layout(tensor)} is needed.", nameof(data));
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var rows = empty(tensor.shape, tensor.dtype);
        data.Bytes.Span.CopyTo(rows.bytes);
        tensor.copy_(rows);
    }

    /// <summary>Type and shape, comparable with <see cref="TensorData.Layout"/>.</summary>
    public static string Layout(Tensor tensor) => $"{Type(tensor.dtype)} [{string.Join(", ", tensor.shape)}]";

    /// <summary>The layout of each tensor by its name.</summary>
    public static IReadOnlyDictionary<string, string> Layouts(IReadOnlyDictionary<string, Tensor> tensors) =>
        tensors.ToDictionary(named => named.Key, named => Layout(named.Value));

    /// <summary>Of the numbers in a network's state.</summary>
    public static TensorType Type(ScalarType type) => type switch
    {
        ScalarType.Float32 => TensorType.F32,
        ScalarType.Int64 => TensorType.I64,
        _ => throw new ArgumentException($"A network's state is float32 and int64, not {type}.", nameof(type)),
    };
}
