using System.Text;
using ChangeDetection.Checkpoints.PyTorch;

namespace ChangeDetection.Checkpoints.Export;

/// <summary>A TorchScript archive, which <c>torch.jit.load</c> runs without any code of ours: a zip file of the network's source, its layers as a pickle, their weights.</summary>
public static class TorchScriptFile
{
    /// <exception cref="NotSupportedException">The network's computation cannot be told.</exception>
    public static Task WriteAsync(Stream stream, NetworkExport network, CancellationToken cancellationToken)
    {
        network.RequireKnown();
        var graph = new TorchScriptGraph();
        var source = graph.Source(new FullyConvolutionalGraph(graph).Tell(network.Model.Name, NetworkExport.Before, NetworkExport.After));
        var tensors = new List<TensorData>();
        var records = new List<(string, ReadOnlyMemory<byte>)>
        {
            ("data.pkl", Objects(network, graph, tensors)),
            ($"code/{TorchScriptGraph.Module}.py", Encoding.UTF8.GetBytes(source)),
            ("constants.pkl", Constants()),
            ("extra/normalization.json", Encoding.UTF8.GetBytes(network.NormalizationJson)),
        };
        records.AddRange(tensors.Select((tensor, number) => ($"data/{number}", tensor.Bytes)));
        records.Add(("version", "3\n"u8.ToArray()));
        return ZipWriter.WriteAsync(stream, "archive/", records, cancellationToken);
    }

    /// <summary>The network's object, which has those of its layers, which have their tensors.</summary>
    private static byte[] Objects(NetworkExport network, TorchScriptGraph graph, List<TensorData> tensors)
    {
        var text = new PickleText();
        Object(text, TorchScriptGraph.Network, () =>
        {
            foreach (var (layer, layerClass) in graph.Layers)
            {
                text.Text(layer);
                var (parameters, buffers) = TorchScriptGraph.Parts(layerClass);
                Object(text, layerClass, () =>
                {
                    foreach (var part in parameters.Concat(buffers))
                    {
                        text.Text(part);
                        var tensor = network.Tensor($"{layer}.{part}");
                        text.Tensor(tensor, tensors.Count);
                        tensors.Add(tensor);
                    }
                });
            }
        });
        return text.End();
    }

    private static void Object(PickleText text, string name, Action attributes)
    {
        text.Global(TorchScriptGraph.Module, name);
        text.Write(PickleCode.EmptyTuple);
        text.Write(PickleCode.NewObject);
        text.Write(PickleCode.EmptyDictionary);
        text.Write(PickleCode.Mark);
        text.Text("training");
        text.Write(PickleCode.False);
        attributes();
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
