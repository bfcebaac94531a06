using System.Buffers.Binary;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// Rows of a TIFF's image with all its bands as they are stored: alpha is one of them, an index of a palette is a value, nothing is widened or turned
/// round. Values of fewer than 8 bits become a byte each, others keep their size, little-endian.
/// </summary>
/// <param name="decoder">Of the same directory as the grid.</param>
/// <param name="empty">The value of blocks that the file leaves out.</param>
internal sealed class TiffRows(TiffGrid grid, ITiffBlockDecoder decoder, double empty) : IDisposable
{
    private byte[] _block = [];
    private int _held = -1;

    /// <summary>Of one value.</summary>
    public int ValueBytes => Math.Max(1, grid.Bits / 8);

    /// <summary>Of one row.</summary>
    public int RowBytes => grid.Pixels.Width * grid.Samples * ValueBytes;

    /// <param name="first">The first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="target">Gets [count, width, bands].</param>
    /// <exception cref="Pixels.ImageException">A block cannot be decoded.</exception>
    public void Read(int first, int count, Span<byte> target)
    {
        for (var down = first / grid.BlockHeight; down * (long)grid.BlockHeight < first + count; down++)
        {
            var top = down * grid.BlockHeight;
            var (from, to) = (Math.Max(first, top), (int)Math.Min(first + count, Math.Min((long)top + grid.BlockHeight, grid.Pixels.Height)));
            for (var plane = 0; plane < (grid.IsPlanar ? grid.Samples : 1); plane++)
            {
                for (var across = 0; across < grid.Across; across++)
                {
                    Hold((plane * grid.Down + down) * grid.Across + across, top);
                    for (var y = from; y < to; y++)
                        Place(y - top, across * grid.BlockWidth, plane, target.Slice((y - first) * RowBytes, RowBytes));
                }
            }
        }
    }

    public void Dispose() => decoder.Dispose();

    private void Hold(int index, int top)
    {
        if (_held == index)
            return;
        _held = -1;
        var bytes = checked((int)grid.BlockBytes(grid.IsTiled ? grid.BlockHeight : Math.Min(grid.BlockHeight, grid.Pixels.Height - top)));
        if (_block.Length < bytes)
            _block = GC.AllocateUninitializedArray<byte>(bytes);
        if (grid.Offsets[index] == 0)
            Fill(_block.AsSpan(0, bytes));
        else
            decoder.Decode(index, _block, bytes);
        _held = index;
    }

    /// <summary>Copies a row of the block to its columns and band.</summary>
    private void Place(int row, int left, int plane, Span<byte> target)
    {
        var stride = (int)grid.BlockBytes(1);
        var source = _block.AsSpan(row * stride, stride);
        var (size, stored) = (ValueBytes, grid.SamplesPerBlock);
        var values = Math.Min(grid.BlockWidth, grid.Pixels.Width - left) * stored;
        var at = left * grid.Samples * size;
        if (grid.Bits >= 8 && stored == grid.Samples)
        {
            source[..(values * size)].CopyTo(target[at..]);
            return;
        }
        // Bands that lie apart go to every so many places; values that lie together go one behind the other.
        var step = grid.IsPlanar ? grid.Samples : 1;
        for (var i = 0; i < values; i++)
        {
            var to = target[(at + (plane + i * step) * size)..];
            if (grid.Bits < 8)
                to[0] = Packed(source, i);
            else
                source.Slice(i * size, size).CopyTo(to);
        }
    }

    /// <summary>Value i of a row in which values fill bytes from the highest bit down.</summary>
    private byte Packed(ReadOnlySpan<byte> row, int i)
    {
        var bit = i * grid.Bits;
        return (byte)(row[bit >> 3] >> (8 - grid.Bits - (bit & 7)) & ((1 << grid.Bits) - 1));
    }

    private void Fill(Span<byte> block)
    {
        block.Clear();
        if (empty == 0 || grid.Bits < 8)
            return;
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(word, (grid.Format, grid.Bits) switch
        {
            (3, 16) => BitConverter.HalfToUInt16Bits((Half)empty),
            (3, 32) => BitConverter.SingleToUInt32Bits((float)empty),
            (3, _) => BitConverter.DoubleToInt64Bits(empty),
            (1, 64) => (long)(ulong)empty,
            _ => (long)empty,
        });
        for (var at = 0; at + ValueBytes <= block.Length; at += ValueBytes)
            word[..ValueBytes].CopyTo(block[at..]);
    }
}
