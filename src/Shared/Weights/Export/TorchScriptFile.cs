using System.Text;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.Export;

/// <summary>
/// A TorchScript archive, which <c>torch.jit.load</c> runs without any code of ours: a zip file of the network's source, its layers as a pickle,
/// their weights.
/// </summary>
public static class TorchScriptFile
{
    /// <exception cref="NotSupportedException">The network's computation cannot be told.</exception>
    public static Task WriteAsync(Stream stream, NetworkExport network, CancellationToken cancellationToken)
    {
        var graph = new TorchScriptGraph();
        var source = graph.Source(network.Tell(graph));
        var tensors = new List<TensorData>();
        var records = new List<(string, ReadOnlyMemory<byte>)>
        {
            ("data.pkl", Objects(network, graph.Root, tensors)),
            ($"code/{TorchScriptGraph.Module}.py", Encoding.UTF8.GetBytes(source)),
            ("constants.pkl", Constants()),
            (OwnExport.TorchScriptRecord, Encoding.UTF8.GetBytes(network.NormalizationJson)),
        };
        if (network.Meaning is { } meaning)
            records.Add(($"extra/{WeightsMeaning.Key}", Encoding.UTF8.GetBytes(meaning.ToJson())));
        records.AddRange(tensors.Select((tensor, number) => ($"data/{number}", tensor.Bytes)));
        records.Add(("version", "3\n"u8.ToArray()));
        return ZipWriter.WriteAsync(stream, "archive/", records, cancellationToken);
    }

    /// <summary>The network's object, which has those of its layers, which have their tensors.</summary>
    private static byte[] Objects(NetworkExport network, TorchScriptModule root, List<TensorData> tensors)
    {
        var text = new PickleText();
        Object(text, network, root, "", tensors);
        return text.End();
    }

    private static void Object(PickleText text, NetworkExport network, TorchScriptModule module, string prefix, List<TensorData> tensors)
    {
        text.Global(TorchScriptGraph.Module, module.Class);
        text.Write(PickleCode.EmptyTuple);
        text.Write(PickleCode.NewObject);
        text.Write(PickleCode.EmptyDictionary);
        text.Write(PickleCode.Mark);
        text.Text("training");
        text.Write(PickleCode.False);
        foreach (var part in module.Layer is { } layer ? layer.Parameters.Concat(layer.Buffers) : [])
        {
            text.Text(part);
            var tensor = network.Tensor(prefix + part);
            text.Tensor(tensor, tensors.Count);
            tensors.Add(tensor);
        }
        foreach (var (name, child) in module.Children)
        {
            text.Text(name);
            Object(text, network, child, $"{prefix}{name}.", tensors);
        }
        text.Write(PickleCode.SetItems);
        text.Write(PickleCode.Build);
    }

    private static byte[] Constants()
    {
        var text = new PickleText();
        text.Write(PickleCode.EmptyTuple);
        return text.End();
    }
}
