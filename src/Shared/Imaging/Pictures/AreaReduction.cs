using System.Numerics;
using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Pictures;

/// <summary>
/// An image of any size made smaller by a whole factor while its rows arrive: each value is the mean of those of a square that are known.
/// What is held is the small image and one row of sums.
/// </summary>
public sealed class AreaReduction
{
    private readonly ImageShape _source;
    private readonly int _factor;
    private readonly double _noData;
    private readonly double[] _sums;
    private readonly int[] _counts;
    private int _row;

    /// <param name="source">Of the large image.</param>
    /// <param name="factor">Pixels of it per pixel, either way.</param>
    /// <param name="noData">The value that counts as not known; NaN and the infinities always do.</param>
    public AreaReduction(ImageShape source, int factor, double? noData)
    {
        (_source, _factor) = (source, factor);
        _noData = source.Type == PixelType.Float32 ? (float)(noData ?? double.NaN) : noData ?? double.NaN;
        var shape = source with { Width = (source.Width + factor - 1) / factor, Height = (source.Height + factor - 1) / factor };
        Image = new PixelImage(shape, new byte[shape.Bytes]);
        (_sums, _counts) = (new double[shape.Width * shape.Channels], new int[shape.Width * shape.Channels]);
    }

    /// <summary>The small image, whole once all rows were added. Where nothing is known: the value that says so, else 0 or NaN.</summary>
    public PixelImage Image { get; }

    /// <param name="rows">The next rows of the large image, whole ones.</param>
    /// <param name="validity">Which of their pixels are there (<see cref="ValidPixels"/>); empty: as far as their values do not say otherwise, all.</param>
    public void Add(ReadOnlySpan<byte> rows, ReadOnlySpan<byte> validity = default)
    {
        var rowBytes = _source.Width * _source.Channels * _source.BytesPerValue;
        for (; !rows.IsEmpty; rows = rows[rowBytes..])
        {
            var valid = validity.IsEmpty ? validity : validity[.._source.Width];
            validity = validity[valid.Length..];
            switch (_source.Type)
            {
                case PixelType.UInt8: Sum(rows[..rowBytes], valid); break;
                case PixelType.UInt16: Sum(MemoryMarshal.Cast<byte, ushort>(rows[..rowBytes]), valid); break;
                default: Sum(MemoryMarshal.Cast<byte, float>(rows[..rowBytes]), valid); break;
            }
            if (++_row % _factor == 0 || _row == _source.Height)
                Finish((_row - 1) / _factor);
        }
    }

    private void Sum<T>(ReadOnlySpan<T> row, ReadOnlySpan<byte> valid) where T : struct, INumberBase<T>
    {
        var channels = _source.Channels;
        for (int x = 0, at = 0; x < _source.Width; x += _factor, at += channels)
        {
            var square = row[(x * channels)..(Math.Min(x + _factor, _source.Width) * channels)];
            for (var channel = 0; channel < channels; channel++)
            {
                var (sum, count) = (0.0, 0);
                for (var i = channel; i < square.Length; i += channels)
                {
                    var value = double.CreateTruncating(square[i]);
                    if ((valid.IsEmpty || valid[x + i / channels] != ValidPixels.None) && double.IsFinite(value) && value != _noData)
                        (sum, count) = (sum + value, count + 1);
                }
                _sums[at + channel] += sum;
                _counts[at + channel] += count;
            }
        }
    }

    private void Finish(int y)
    {
        var size = Image.Shape.BytesPerValue;
        var target = Image.Pixels.AsSpan(y * _sums.Length * size, _sums.Length * size);
        for (var i = 0; i < _sums.Length; i++)
        {
            var mean = _counts[i] > 0 ? _sums[i] / _counts[i] : _noData;
            switch (_source.Type)
            {
                case PixelType.UInt8: target[i] = byte.CreateSaturating(Math.Round(mean)); break;
                case PixelType.UInt16: MemoryMarshal.Cast<byte, ushort>(target)[i] = ushort.CreateSaturating(Math.Round(mean)); break;
                default: MemoryMarshal.Cast<byte, float>(target)[i] = (float)mean; break;
            }
        }
        Array.Clear(_sums);
        Array.Clear(_counts);
    }
}
