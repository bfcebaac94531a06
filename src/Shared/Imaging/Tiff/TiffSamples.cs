using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>Turns a row of a TIFF's block into a part of an image's row: byte order, number type, alpha, planes.</summary>
/// <param name="isBigEndian">Whether values come in that order; those that LibTiff decodes do not.</param>
internal sealed class TiffSamples(TiffGrid grid, bool isBigEndian)
{
    private bool IsOwnType => (grid.Format, grid.Bits) is (1, 8) or (1, 16) or (3, 32);

    /// <param name="row">A block's row.</param>
    /// <param name="width">Pixels of it that belong to the image.</param>
    /// <param name="plane">The band, where each lies for itself.</param>
    /// <param name="target">The image's row.</param>
    /// <param name="left">The image's column that the block begins at.</param>
    public void Place(ReadOnlySpan<byte> row, int width, int plane, Span<byte> target, int left)
    {
        var (stored, channels, size) = (grid.SamplesPerBlock, grid.Shape.Channels, grid.Shape.BytesPerValue);
        if (IsOwnType && !isBigEndian && stored == channels)
        {
            row[..(width * stored * size)].CopyTo(target[(left * channels * size)..]);
            return;
        }
        var bands = grid.IsPlanar ? 1 : channels;
        for (var x = 0; x < width; x++)
        {
            for (var band = 0; band < bands; band++)
                Copy(row[((x * stored + band) * grid.BytesPerSample)..], target[(((left + x) * channels + plane + band) * size)..]);
        }
    }

    /// <summary>Copies the last of the samples that lie side by side, such as alpha.</summary>
    /// <param name="target">A row of that band alone.</param>
    /// <inheritdoc cref="Place"/>
    public void PlaceLast(ReadOnlySpan<byte> row, int width, Span<byte> target, int left)
    {
        var (stored, size) = (grid.SamplesPerBlock, grid.Shape.BytesPerValue);
        for (var x = 0; x < width; x++)
            Copy(row[((x * stored + stored - 1) * grid.BytesPerSample)..], target[((left + x) * size)..]);
    }

    /// <summary>Writes one value all over, as the file would store it.</summary>
    public void Fill(Span<byte> values, double value)
    {
        if (value == 0)
        {
            values.Clear();
            return;
        }
        if (grid.Bits < 8)
        {
            // All values of a byte at once.
            values.Fill((byte)((long)value * (255 / ((1 << grid.Bits) - 1))));
            return;
        }
        for (var at = 0; at + grid.BytesPerSample <= values.Length; at += grid.BytesPerSample)
        {
            var to = values[at..];
            switch (grid.Format, grid.Bits)
            {
                case (_, 8): to[0] = (byte)(long)value; break;
                case (_, 16): Write(to, (ushort)(long)value); break;
                case (3, _): Write(to, BitConverter.SingleToUInt32Bits((float)value)); break;
                default: Write(to, (uint)(long)value); break;
            }
        }
    }

    private void Copy(ReadOnlySpan<byte> from, Span<byte> to)
    {
        switch (grid.Format, grid.Bits)
        {
            case (1, 8): to[0] = from[0]; break;
            case (1, 16): BinaryPrimitives.WriteUInt16LittleEndian(to, UInt16(from)); break;
            case (3, 32): BinaryPrimitives.WriteUInt32LittleEndian(to, UInt32(from)); break;
            case (2, 8): Float(to, (sbyte)from[0]); break;
            case (2, 16): Float(to, (short)UInt16(from)); break;
            case (2, 32): Float(to, (int)UInt32(from)); break;
            default: Float(to, UInt32(from)); break;
        }
    }

    private static void Float(Span<byte> to, float value) => MemoryMarshal.Write(to, in value);

    private ushort UInt16(ReadOnlySpan<byte> at) => isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
    private uint UInt32(ReadOnlySpan<byte> at) => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);

    private void Write(Span<byte> at, ushort value)
    {
        if (isBigEndian)
            BinaryPrimitives.WriteUInt16BigEndian(at, value);
        else
            BinaryPrimitives.WriteUInt16LittleEndian(at, value);
    }

    private void Write(Span<byte> at, uint value)
    {
        if (isBigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(at, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(at, value);
    }
}
