using System.Buffers.Binary;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// Turns an unpacked block's bytes into values, little-endian, in place: undoes the predictor (TIFF 6.0, section 14: differences along a row; Adobe's
/// technical note 3: differences of the bytes of floats, which are sorted by their weight), and the file's byte order.
/// </summary>
internal sealed class TiffPredictor
{
    public const int None = 1, Horizontal = 2, FloatingPoint = 3;

    private readonly TiffGrid _grid;
    private readonly bool _isBigEndian;
    private readonly byte[] _row;

    /// <exception cref="ImageException">There is no such predictor, or not of such values.</exception>
    public TiffPredictor(TiffGrid grid, bool isBigEndian, string name)
    {
        if (grid.Predictor is not (None or Horizontal or FloatingPoint))
            throw ImageException.Unsupported(name, $"a TIFF of predictor {grid.Predictor}; 1, 2 and 3 are read", TiffCodec.Rewrite);
        if ((grid.Predictor == Horizontal && grid.Bits < 8) || (grid.Predictor == FloatingPoint && grid.Format != TiffFormat.Float))
            throw ImageException.Damaged(name, $"the TIFF's predictor {grid.Predictor} is not one of {grid.Bits} bits in sample format {grid.Format}");
        (_grid, _isBigEndian) = (grid, isBigEndian);
        _row = grid.Predictor == FloatingPoint ? new byte[grid.BlockBytes(1)] : [];
    }

    /// <param name="block">Whole rows.</param>
    public void Undo(Span<byte> block)
    {
        if (_isBigEndian && _grid.Predictor != FloatingPoint)
            Reverse(block);
        if (_grid.Predictor == None)
            return;
        for (var stride = (int)_grid.BlockBytes(1); !block.IsEmpty; block = block[stride..])
        {
            if (_grid.Predictor == Horizontal)
                Sum(block[..stride]);
            else
                SumBytes(block[..stride]);
        }
    }

    private void Reverse(Span<byte> block)
    {
        var size = _grid.BytesPerSample;
        for (var at = 0; size > 1 && at < block.Length; at += size)
            block.Slice(at, size).Reverse();
    }

    private void Sum(Span<byte> row)
    {
        var (size, step) = (_grid.BytesPerSample, _grid.SamplesPerBlock * _grid.BytesPerSample);
        for (var at = step; at < row.Length; at += size)
        {
            var value = row[at..];
            var before = row[(at - step)..];
            switch (size)
            {
                case 1:
                    value[0] += before[0];
                    break;
                case 2:
                    var two = BinaryPrimitives.ReadUInt16LittleEndian(value) + BinaryPrimitives.ReadUInt16LittleEndian(before);
                    BinaryPrimitives.WriteUInt16LittleEndian(value, (ushort)two);
                    break;
                case 8:
                    var eight = unchecked(BinaryPrimitives.ReadUInt64LittleEndian(value) + BinaryPrimitives.ReadUInt64LittleEndian(before));
                    BinaryPrimitives.WriteUInt64LittleEndian(value, eight);
                    break;
                default:
                    // Floats too are summed as whole numbers.
                    var four = unchecked(BinaryPrimitives.ReadUInt32LittleEndian(value) + BinaryPrimitives.ReadUInt32LittleEndian(before));
                    BinaryPrimitives.WriteUInt32LittleEndian(value, four);
                    break;
            }
        }
    }

    /// <summary>The most significant bytes of all values of the row come first, whatever the file's byte order.</summary>
    private void SumBytes(Span<byte> row)
    {
        for (var at = _grid.SamplesPerBlock; at < row.Length; at++)
            row[at] += row[at - _grid.SamplesPerBlock];
        row.CopyTo(_row);
        var (size, count) = (_grid.BytesPerSample, row.Length / _grid.BytesPerSample);
        for (var value = 0; value < count; value++)
        {
            for (var part = 0; part < size; part++)
                row[value * size + part] = _row[(size - 1 - part) * count + value];
        }
    }
}
