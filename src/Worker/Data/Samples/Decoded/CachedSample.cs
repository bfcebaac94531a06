using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Order;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>A sample whose pixels lie in the decoded cache. Its header has been read and checked; its pixels are read by the decoder.</summary>
/// <param name="origin">Null where there is none.</param>
/// <param name="pixels">Where they begin.</param>
/// <param name="sums">Of the bands of all planes.</param>
internal sealed class CachedSample(
    DecodedSplit split, SampleRef place, string shard, string key, SampleOrigin? origin, DecodedShape shape, long pixels, ulong[] sums)
    : LoadedSample(place, shard, key)
{
    public override SampleOrigin? Origin => origin;

    public override bool IsDecoded => true;

    public override bool HasMissingPixels => shape.HasValid;

    /// <summary>It was checked before it was recorded.</summary>
    public override ImageShape CheckedShape(int channels) => shape.Before;

    public override ImageShape Decode(PlaneBuffers buffers, DecodedSplit? cache) => shape.Before;

    /// <summary>Reads the bands of the plane that the rows touch, and checks them.</summary>
    public override PixelImage? Read(DecodedPlane plane, int top, int height, PlaneBuffers buffers, out int firstRow)
    {
        ref var buffer = ref buffers.Of(plane);
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
