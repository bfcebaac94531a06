using System.Buffers.Binary;
using System.Text;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Datasets.Tests.Fuzzing;

/// <summary>Files of PyTorch for the fuzzer: what to begin with, and changes that reach the pickle behind the checksums.</summary>
internal static class PyTorchSamples
{
    private const string Pickle = "archive/data.pkl";
    private const string Operations = "(.N)t]e}uqhcRbQ\u0085\u0086\u0088\u008a\u0093\u0094KJMXG";

    private static readonly TensorData[] s_tensors =
        [new("a.weight", TensorType.F32, [2, 3], new byte[24]), new("a.bias", TensorType.BF16, [2], new byte[4]), new("n", TensorType.I64, [], new byte[8])];

    /// <summary>As we write it; and as training checkpoints are: nested, with a memo, text by length, frames, parameters, other values.</summary>
    public static IReadOnlyList<byte[]> Files()
    {
        using var ours = new MemoryStream();
        PyTorchFile.WriteAsync(ours, s_tensors, CancellationToken.None).GetAwaiter().GetResult();
        var nested =
            "\u0080\u0004\u0095\u0001\0\0\0\0\0\0\0}(\u008c\u0005epoch\u0094K\u0003\u008c\u0001xG?\u00f0\0\0\0\0\0\0" +
            "\u008c\u0004list](K\u0001M\u0001\u0002e\u008c\u0001t)\u008c\u0005modelccollections\nOrderedDict\n)R\u0094(" +
            "\u008c\u0001wctorch._utils\n_rebuild_parameter\nctorch._utils\n_rebuild_tensor_v2\nq\u0009(" +
            "(\u008c\u0007storage\u008c\u0005torch\u008c\u000bHalfStorage\u0093\u008c\u00010\u008c\u0003cpuK\u000ctQ" +
            "K\u0001K\u0002K\u0003\u0086K\u0001K\u0002\u0086\u0089ccollections\nOrderedDict\n)RtR\u0088N\u0087R" +
            "u}\u008c\u0009_metadata}sbu.";
        return [ours.ToArray(), Zip([(Pickle, Encoding.Latin1.GetBytes(nested)), ("archive/data/0", new byte[24])])];
    }

    /// <summary>The same file, its pickle changed, all checksums right.</summary>
    public static byte[] MutatePickle(Mutator mutator, byte[] bytes)
    {
        ZipRecords records;
        try
        {
            records = new ZipRecords(bytes, "seed");
            return Zip(
                [.. records.Names.Select(
                    name => (name, name == Pickle ? Change(mutator, records.Find(name)!.Value.ToArray()) : records.Find(name)!.Value.ToArray()))]);
        }
        catch (Exception error) when (error is CheckpointInvalidException or ArgumentException)
        {
            return bytes;
        }
    }

    public static void Read(byte[] bytes)
    {
        var tensors = PyTorchFile.Read(bytes, "fuzz").Tensors;
        Assert.All(
            tensors.Values,
            tensor => Assert.Equal(tensor.Bytes.Length, tensor.Shape.Aggregate((long)tensor.Type.Size(), (size, side) => checked(size * side))));
    }

    /// <summary>Bytes of the pickle, most often an operation or a small number; now and then a whole number of four bytes.</summary>
    private static byte[] Change(Mutator mutator, byte[] pickle)
    {
        for (var left = mutator.Random.Next(1, 4); left > 0 && pickle.Length > 4; left--)
        {
            var at = mutator.Random.Next(pickle.Length - 4);
            switch (mutator.Random.Next(4))
            {
                case 0: pickle[at] = (byte)Operations[mutator.Random.Next(Operations.Length)]; break;
                case 1: pickle[at] = (byte)mutator.Random.Next(8); break;
                case 2: pickle = [.. pickle[..at], .. pickle[mutator.Random.Next(at, pickle.Length)..]]; break;
                default: BinaryPrimitives.WriteInt32LittleEndian(pickle.AsSpan(at), mutator.Random.Next(3) == 0 ? -1 : mutator.Random.Next()); break;
            }
        }
        return pickle;
    }

    private static byte[] Zip(IReadOnlyList<(string Name, byte[] Bytes)> records)
    {
        using var stream = new MemoryStream();
        ZipWriter.WriteAsync(stream, "", [.. records.Select(record => (record.Name, (ReadOnlyMemory<byte>)record.Bytes))], CancellationToken.None)
            .GetAwaiter().GetResult();
        return stream.ToArray();
    }
}
