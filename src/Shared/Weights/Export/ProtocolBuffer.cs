using System.Buffers.Binary;
using System.Text;

namespace ChangeDetection.Weights.Export;

/// <summary>Writes a message of Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding/), field by field.</summary>
internal sealed class ProtocolBuffer
{
    private const int VarInt = 0;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    private readonly MemoryStream _bytes = new();

    public ReadOnlyMemory<byte> Bytes => _bytes.GetBuffer().AsMemory(0, (int)_bytes.Length);

    public ProtocolBuffer Number(int field, long value)
    {
        Write((ulong)(field << 3 | VarInt));
        Write((ulong)value);
        return this;
    }

    public ProtocolBuffer Real(int field, float value)
    {
        Write((ulong)(field << 3 | Fixed32));
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public ProtocolBuffer Text(int field, string value) => Raw(field, Encoding.UTF8.GetBytes(value));

    public ProtocolBuffer Message(int field, ProtocolBuffer value) => Raw(field, value.Bytes.Span);

    public ProtocolBuffer Raw(int field, ReadOnlySpan<byte> value)
    {
        Write((ulong)(field << 3 | Delimited));
        Write((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    private void Write(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.WriteByte((byte)(value | 0x80));
        _bytes.WriteByte((byte)value);
    }
}
