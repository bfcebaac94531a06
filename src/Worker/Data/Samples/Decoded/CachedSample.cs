using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Order;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>A sample whose pixels lie in the decoded cache. Its header has been read and checked; its pixels are read by the decoder.</summary>
/// <param name="pixels">Where they begin.</param>
/// <param name="sums">Of the bands of all planes.</param>
internal sealed class CachedSample(DecodedSplit split, SampleRef place, string shard, string key, DecodedShape shape, long pixels, ulong[] sums)
    : LoadedSample(place, shard, key)
{
    /// <summary>The shape that before and after share but for their type.</summary>
    public ImageShape Shape => shape.Before;

    /// <summary>Reads the bands of a plane that rows touch, and checks them.</summary>
    /// <param name="top">The first row that is needed.</param>
    /// <param name="height">How many are.</param>
    /// <param name="buffer">Is replaced where it is too short.</param>
    /// <param name="firstRow">The row of the plane that the result begins with, at most <paramref name="top"/>.</param>
    /// <returns>Whole rows; null where a band is not what was recorded.</returns>
    public PixelImage? Read(DecodedPlane plane, int top, int height, ref byte[] buffer, out int firstRow)
    {
        var bands = shape.Bands(plane);
        var (first, end) = bands.Covering(top, height);
        firstRow = bands.Top(first);
        var rows = bands.Top(end) - firstRow;
        if (buffer.Length < rows * bands.RowBytes)
            buffer = GC.AllocateUninitializedArray<byte>(rows * bands.RowBytes);
        var target = buffer.AsSpan(0, rows * bands.RowBytes);
        if (!split.TryRead(pixels + shape.Start(plane) + (long)firstRow * bands.RowBytes, target))
            return null;
        for (var band = first; band < end; band++)
        {
            if (bands.Hash(band, target, firstRow, split.Seed(Place)) != sums[shape.FirstSum(plane) + band])
                return null;
        }
        return new PixelImage(bands.Shape with { Height = rows }, buffer);
    }

    public override void Dispose()
    {
    }
}
