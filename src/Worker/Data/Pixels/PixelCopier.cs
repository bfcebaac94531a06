using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>
/// Copies decoded pixels into a batch's buffers, cropping, mirroring, turning and normalising on the way: a row is gathered along its
/// <see cref="PixelWalk"/> and converted by vectors. Holds the scratch of one thread.
/// </summary>
internal sealed class PixelCopier
{
    private float[] _means = [];
    private float[] _factors = [];
    private byte[] _row = [];
    private readonly ShiftedCrop _shifted = new();

    /// <summary>Writes normalised values [height, width, channels] of the crop. Where it reaches over the edge, the image's border is repeated.</summary>
    /// <param name="valid">
    /// Which pixels of the source are there, a byte each, 0 for one that is not; empty where all are. It is their statistics that the values are normalised
    /// by; those of the others are for <see cref="MissingPixels"/> to clear.
    /// </param>
    public void CopyImage(
        PixelImage source, GeometricAugmentation augmentation, Normalizer normalizer, Span<float> target, ReadOnlySpan<byte> valid = default)
    {
        var values = augmentation.Width * source.Shape.Channels;
        Reserve(values);
        normalizer.FillRow(source, valid, _means.AsSpan(0, values), _factors.AsSpan(0, values));
        (source, augmentation) = _shifted.Inside(source, augmentation);
        switch (source.Shape.Type)
        {
            case PixelType.UInt8: CopyRows<byte>(source, augmentation, target, Convert); break;
            case PixelType.UInt16: CopyRows<ushort>(source, augmentation, target, Convert); break;
            default: CopyRows<float>(source, augmentation, target, Convert); break;
        }
    }

    /// <summary>Writes the labels [height, width] of the crop.</summary>
    /// <returns>A value of the mask that is no label; null where all are.</returns>
    public static byte? CopyMask(PixelImage source, GeometricAugmentation augmentation, LabelTable labels, Span<byte> target)
    {
        CopyPlane(source, augmentation, target);
        return labels.Apply(target[..(augmentation.Height * augmentation.Width)]);
    }

    /// <summary>Writes the bytes [height, width] of a crop of one channel of 8 bits, which lies inside the image.</summary>
    public static void CopyPlane(PixelImage source, GeometricAugmentation augmentation, Span<byte> target)
    {
        var walk = PixelWalk.Of(augmentation, source.Shape.Width);
        var pixels = source.Bytes;
        for (var y = 0; y < augmentation.Height; y++)
        {
            var row = target.Slice(y * augmentation.Width, augmentation.Width);
            var from = walk.Start + y * walk.Down;
            if (walk.Right == 1)
                pixels.Slice(from, row.Length).CopyTo(row);
            else
                Gather(pixels, from, walk.Right, channels: 1, row);
        }
    }

    private delegate void RowConversion<T>(ReadOnlySpan<T> values, ReadOnlySpan<float> means, ReadOnlySpan<float> factors, Span<float> target);

    private void CopyRows<T>(PixelImage source, GeometricAugmentation augmentation, Span<float> target, RowConversion<T> convert) where T : unmanaged
    {
        var walk = PixelWalk.Of(augmentation, source.Shape.Width);
        var channels = source.Shape.Channels;
        var values = augmentation.Width * channels;
        var pixels = MemoryMarshal.Cast<byte, T>(source.Bytes);
        var gathered = MemoryMarshal.Cast<byte, T>(_row.AsSpan())[..values];
        for (var y = 0; y < augmentation.Height; y++)
        {
            var start = walk.Start + y * walk.Down;
            if (walk.Right != 1)
                Gather(pixels, start, walk.Right, channels, gathered);
            var row = walk.Right == 1 ? pixels.Slice(start * channels, values) : gathered;
            convert(row, _means.AsSpan(0, values), _factors.AsSpan(0, values), target.Slice(y * values, values));
        }
    }

    /// <param name="start">The row's first pixel.</param>
    /// <param name="step">Pixels from one to the next.</param>
    private static void Gather<T>(ReadOnlySpan<T> pixels, int start, int step, int channels, Span<T> row) where T : unmanaged
    {
        if (channels == 1)
        {
            for (int to = 0, from = start; to < row.Length; to++, from += step)
                row[to] = pixels[from];
            return;
        }
        if (typeof(T) == typeof(byte) && channels == 3)
        {
            GatherRgb(MemoryMarshal.AsBytes(pixels), start, step, MemoryMarshal.AsBytes(row));
            return;
        }
        for (int to = 0, from = start * channels; to < row.Length; to += channels, from += step * channels)
        {
            for (var channel = 0; channel < channels; channel++)
                row[to + channel] = pixels[from + channel];
        }
    }

    /// <summary>
    /// Pixels of three bytes as words of four: each write is set right by the next one. The last pixel of the row, and whichever stands at the end of
    /// the image, is copied as three bytes.
    /// </summary>
    private static void GatherRgb(ReadOnlySpan<byte> pixels, int start, int step, Span<byte> row)
    {
        for (int to = 0, from = start * 3; to < row.Length; to += 3, from += step * 3)
        {
            if (to + 4 <= row.Length && from + 4 <= pixels.Length)
                BinaryPrimitives.WriteUInt32LittleEndian(row[to..], BinaryPrimitives.ReadUInt32LittleEndian(pixels[from..]));
            else
                pixels.Slice(from, 3).CopyTo(row[to..]);
        }
    }

    // The three conversions subtract and multiply value by value, each rounded, so the vector and the scalar way give the same bits.

    private static void Convert(ReadOnlySpan<byte> values, ReadOnlySpan<float> means, ReadOnlySpan<float> factors, Span<float> target)
    {
        var at = 0;
        for (; at <= values.Length - Vector<byte>.Count; at += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(values[at..]), out var low, out var high);
            Store(low, means, factors, target, at);
            Store(high, means, factors, target, at + Vector<ushort>.Count);
        }
        for (; at < values.Length; at++)
            target[at] = (values[at] - means[at]) * factors[at];
    }

    private static void Convert(ReadOnlySpan<ushort> values, ReadOnlySpan<float> means, ReadOnlySpan<float> factors, Span<float> target)
    {
        var at = 0;
        for (; at <= values.Length - Vector<ushort>.Count; at += Vector<ushort>.Count)
            Store(new Vector<ushort>(values[at..]), means, factors, target, at);
        for (; at < values.Length; at++)
            target[at] = (values[at] - means[at]) * factors[at];
    }

    private static void Convert(ReadOnlySpan<float> values, ReadOnlySpan<float> means, ReadOnlySpan<float> factors, Span<float> target)
    {
        var at = 0;
        for (; at <= values.Length - Vector<float>.Count; at += Vector<float>.Count)
            Store(new Vector<float>(values[at..]), means, factors, target, at);
        for (; at < values.Length; at++)
            target[at] = (values[at] - means[at]) * factors[at];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector<ushort> values, ReadOnlySpan<float> means, ReadOnlySpan<float> factors, Span<float> target, int at)
    {
        Vector.Widen(values, out var low, out var high);
        Store(Vector.ConvertToSingle(Vector.AsVectorInt32(low)), means, factors, target, at);
        Store(Vector.ConvertToSingle(Vector.AsVectorInt32(high)), means, factors, target, at + Vector<float>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector<float> values, ReadOnlySpan<float> means, ReadOnlySpan<float> factors, Span<float> target, int at) =>
        ((values - new Vector<float>(means[at..])) * new Vector<float>(factors[at..])).CopyTo(target[at..]);

    private void Reserve(int values)
    {
        if (_means.Length >= values)
            return;
        (_means, _factors, _row) = (new float[values], new float[values], new byte[values * sizeof(float)]);
    }
}
