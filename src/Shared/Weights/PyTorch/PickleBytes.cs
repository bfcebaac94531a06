using System.Buffers.Binary;
using System.Text;
using ChangeDetection.Core.Checkpoints;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>The arguments of a pickle's operations, one after the other; never a byte beyond its end.</summary>
internal sealed class PickleBytes(ReadOnlyMemory<byte> pickle, string subject)
{
    private const int MaxLine = 256;

    public int At { get; private set; }

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public void Skip(int count) => Take(count);

    public string Text(long length) => Encoding.UTF8.GetString(Take(length));

    /// <summary>A whole number in two's complement of so many bytes.</summary>
    public long Long(int length)
    {
        if (length > sizeof(long))
            throw new CheckpointInvalidException(subject, $"its pickle has a number of {length} bytes at byte {At}; no tensor has one.");
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        var given = Take(length);
        bytes.Fill(length > 0 && given[^1] >= 0x80 ? (byte)0xff : (byte)0);
        given.CopyTo(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <summary>Text up to a line feed, which is taken as well.</summary>
    public string Line()
    {
        var rest = pickle.Span[At..];
        var length = rest[..Math.Min(rest.Length, MaxLine)].IndexOf((byte)'\n');
        if (length < 0)
            throw new CheckpointInvalidException(subject, $"its pickle has a name without an end at byte {At}.");
        var text = Encoding.UTF8.GetString(rest[..length]);
        At += length + 1;
        return text;
    }

    private ReadOnlySpan<byte> Take(long length)
    {
        if (length > pickle.Length - At)
            throw new CheckpointInvalidException(subject, "its pickle ends too early.");
        var taken = pickle.Span.Slice(At, (int)length);
        At += (int)length;
        return taken;
    }
}
