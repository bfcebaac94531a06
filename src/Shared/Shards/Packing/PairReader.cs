using ChangeDetection.Images;
using ChangeDetection.Shards.Layouts;

namespace ChangeDetection.Shards.Packing;

/// <summary>
/// Reads pairs one at a time into buffers of its own, which the next call reuses. Everything that can be wrong with one pair is found here.
/// </summary>
internal sealed class PairReader
{
    /// <summary>Larger files are refused unread; far above what the limits on decoded pixels let pass.</summary>
    private const long MaxFileBytes = 1L << 30;
    private readonly Buffers _before = new();
    private readonly Buffers _after = new();
    private readonly Buffers _mask = new();

    /// <exception cref="DatasetSourceException">The pair cannot become a sample; the message names files and sizes.</exception>
    public DecodedPair Read(PlannedSample sample)
    {
        var pair = sample.Pair;
        if (pair.Problem is { } problem)
            throw new DatasetSourceException([problem]);
        try
        {
            var before = Decode(pair.Before!, _before, ImageCodec.Decode);
            var after = Decode(pair.After!, _after, ImageCodec.Decode);
            var mask = Decode(pair.Mask!, _mask, ImageCodec.DecodeMask);
            Agree(sample, before.Shape, after.Shape, mask.Shape);
            var levels = MaskLevels.Of(mask.Bytes);
            return sample.Crop is { } crop ? new(crop.Cut(before), crop.Cut(after), crop.Cut(mask), levels) : new(before, after, mask, levels);
        }
        catch (Exception error) when (error is ImageException or UnauthorizedAccessException or IOException and not DatasetSourceException)
        {
            throw new DatasetSourceException([$"{pair.Path}: {error.Message}"]);
        }
    }

    private static PixelImage Decode(SourceFile file, Buffers buffers, Func<ReadOnlyMemory<byte>, string, ImageLimits?, byte[]?, PixelImage> decode)
    {
        var length = new FileInfo(file.FullPath).Length;
        // An empty file may be a pipe or a device, which would never end: it is not opened.
        if (length is 0 or > MaxFileBytes)
            throw new IOException(length == 0 ? $"{file.Path} is empty. Copy it again." : $"{file.Path} has {length} bytes, more than the {MaxFileBytes} an image may have. Cut it into tiles.");
        var image = decode(buffers.Fill(file.FullPath, (int)length), file.Path, null, buffers.Pixels);
        buffers.Pixels = image.Pixels;
        return image;
    }

    private static void Agree(PlannedSample sample, ImageShape before, ImageShape after, ImageShape mask)
    {
        var pair = sample.Pair;
        if (before != after)
            throw new DatasetSourceException([$"{pair.Path}: {pair.Before!.Path} is {before}, but {pair.After!.Path} is {after}. Both dates must have one size, number of channels and type: cut or resample one of them."]);
        if ((mask.Width, mask.Height) != (before.Width, before.Height))
            throw new DatasetSourceException([$"{pair.Path}: {pair.Before!.Path} is {before.Width}x{before.Height}, but the mask {pair.Mask!.Path} is {mask.Width}x{mask.Height}. They must cover the same pixels."]);
        if (sample.Crop is { } crop && !crop.IsInside(before))
            throw new DatasetSourceException([$"{pair.Path}: the crop @{crop} leaves the image, which is {before.Width}x{before.Height}. Correct --split."]);
    }

    /// <summary>A file's bytes and its pixels, kept from one image to the next: fresh arrays of this size would all land on the large object heap.</summary>
    private sealed class Buffers
    {
        private byte[] _file = [];

        public byte[]? Pixels { get; set; }

        public ReadOnlyMemory<byte> Fill(string path, int length)
        {
            if (_file.Length < length)
                _file = GC.AllocateUninitializedArray<byte>(length);
            using var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
            var read = 0;
            while (read < length && RandomAccess.Read(handle, _file.AsSpan(read, length - read), read) is > 0 and var some)
                read += some;
            return _file.AsMemory(0, read);
        }
    }
}
