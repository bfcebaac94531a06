using System.Buffers.Binary;
using System.Text;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>Writes pickles of protocol 2 as PyTorch does: tensor number i is in the record <c>data/i</c>.</summary>
internal sealed class PickleText
{
    private readonly MemoryStream _bytes = new();

    public PickleText() => Write(PickleCode.Protocol, 2);

    /// <summary>An ordered dictionary of tensors.</summary>
    public static byte[] OfStateDictionary(IReadOnlyList<TensorData> tensors)
    {
        var text = new PickleText();
        text.OrderedDictionary();
        text.Write(PickleCode.Mark);
        for (var number = 0; number < tensors.Count; number++)
        {
            text.Text(tensors[number].Name);
            text.Tensor(tensors[number], number);
        }
        text.Write(PickleCode.SetItems);
        return text.End();
    }

    public byte[] End()
    {
        Write(PickleCode.Stop);
        return _bytes.ToArray();
    }

    /// <summary>Called with storage, offset, shape, strides, requires_grad and hooks.</summary>
    public void Tensor(TensorData tensor, int number)
    {
        Global("torch._utils", "_rebuild_tensor_v2");
        Write(PickleCode.Mark);
        Write(PickleCode.Mark);
        Text("storage");
        Global("torch", PickleGlobals.StorageName(tensor.Type));
        Text(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Text("cpu");
        Number(tensor.Bytes.Length / tensor.Type.Size());
        Write(PickleCode.Tuple);
        Write(PickleCode.PersistentId);
        Number(0);
        Numbers(tensor.Shape);
        Numbers(Strides(tensor.Shape));
        Write(PickleCode.False);
        OrderedDictionary();
        Write(PickleCode.Tuple);
        Write(PickleCode.Reduce);
    }

    private static long[] Strides(IReadOnlyList<long> shape)
    {
        var (strides, step) = (new long[shape.Count], 1L);
        for (var i = shape.Count - 1; i >= 0; i--)
            (strides[i], step) = (step, step * Math.Max(shape[i], 1));
        return strides;
    }

    private void OrderedDictionary()
    {
        Global("collections", "OrderedDict");
        Write(PickleCode.EmptyTuple);
        Write(PickleCode.Reduce);
    }

    private void Numbers(IReadOnlyList<long> numbers)
    {
        Write(PickleCode.Mark);
        foreach (var number in numbers)
            Number(number);
        Write(PickleCode.Tuple);
    }

    private void Number(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        if (number is >= int.MinValue and <= int.MaxValue)
            Write(PickleCode.Int, bytes[..sizeof(int)]);
        else
            Write(PickleCode.Long1, [sizeof(long), .. bytes]);
    }

    public void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        Write(PickleCode.Text, length);
        _bytes.Write(bytes);
    }

    public void Global(string module, string name) => Write(PickleCode.Global, Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    public void Write(PickleCode code, params ReadOnlySpan<byte> argument)
    {
        _bytes.WriteByte((byte)code);
        _bytes.Write(argument);
    }
}
