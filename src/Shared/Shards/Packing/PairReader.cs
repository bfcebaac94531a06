using System.IO.Hashing;
using ChangeDetection.Images;
using ChangeDetection.Shards.Layouts;

namespace ChangeDetection.Shards.Packing;

/// <summary>XXH3-64 of a pair's three files.</summary>
internal readonly record struct SourceSums(ulong Before, ulong After, ulong Mask);

/// <summary>
/// Reads pairs one at a time into buffers of its own, which the next call reuses. Everything that can be wrong with one pair is found here.
/// </summary>
internal sealed class PairReader(ImageLimits limits)
{
    /// <summary>Larger files are refused unread; far above what the limits on decoded pixels let pass.</summary>
    private const long MaxFileBytes = 1L << 30;
    private readonly Buffers _before = new();
    private readonly Buffers _after = new();
    private readonly Buffers _mask = new();

    /// <summary>The files of the pair read last, as they are.</summary>
    public (ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> After, ReadOnlyMemory<byte> Mask) Files => (_before.File, _after.File, _mask.File);

    public SourceSums Sums => new(XxHash3.HashToUInt64(_before.File.Span), XxHash3.HashToUInt64(_after.File.Span), XxHash3.HashToUInt64(_mask.File.Span));

    /// <summary>Reads the three files and leaves them as they are.</summary>
    /// <exception cref="DatasetSourceException">The pair is not whole, or a file cannot be read.</exception>
    public void Load(PlannedSample sample)
    {
        var pair = sample.Pair;
        if (pair.Problem is { } problem)
            throw new DatasetSourceException([problem]);
        Named(pair, () =>
        {
            _before.Fill(pair.Before!);
            _after.Fill(pair.After!);
            _mask.Fill(pair.Mask!);
        });
    }

    /// <summary>Decodes the pair that was loaded, cut to its crop.</summary>
    /// <exception cref="DatasetSourceException">The pair cannot become a sample; the message names files and sizes.</exception>
    public DecodedPair Decode(PlannedSample sample)
    {
        PixelImage? before = null, after = null, mask = null;
        Named(sample.Pair, () =>
        {
            before = _before.Decode(sample.Pair.Before!, limits, ImageCodec.Decode);
            after = _after.Decode(sample.Pair.After!, limits, ImageCodec.Decode);
            mask = _mask.Decode(sample.Pair.Mask!, limits, ImageCodec.DecodeMask);
        });
        Agree(sample, before!.Shape, after!.Shape, mask!.Shape);
        var levels = MaskLevels.Of(mask.Bytes);
        return sample.Crop is { } crop ? new(crop.Cut(before), crop.Cut(after), crop.Cut(mask), levels) : new(before, after, mask, levels);
    }

    private static void Named(SourcePair pair, Action read)
    {
        try
        {
            read();
        }
        catch (Exception error) when (error is ImageException or UnauthorizedAccessException or IOException and not DatasetSourceException)
        {
            throw new DatasetSourceException([$"{pair.Path}: {error.Message}"]);
        }
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
        private byte[]? _pixels;

        public ReadOnlyMemory<byte> File { get; private set; }

        public void Fill(SourceFile source)
        {
            var length = new FileInfo(source.FullPath).Length;
            // An empty file may be a pipe or a device, which would never end: it is not opened.
            if (length is 0 or > MaxFileBytes)
                throw new IOException(length == 0 ? $"{source.Path} is empty. Copy it again." : $"{source.Path} has {length} bytes, more than the {MaxFileBytes} an image may have. Cut it into tiles.");
            if (_file.Length < length)
                _file = GC.AllocateUninitializedArray<byte>((int)length);
            using var handle = System.IO.File.OpenHandle(source.FullPath, options: FileOptions.SequentialScan);
            var read = 0;
            while (read < length && RandomAccess.Read(handle, _file.AsSpan(read, (int)length - read), read) is > 0 and var some)
                read += some;
            File = _file.AsMemory(0, read);
        }

        public PixelImage Decode(SourceFile source, ImageLimits limits, Func<ReadOnlyMemory<byte>, string, ImageLimits?, byte[]?, PixelImage> decode)
        {
            var image = decode(File, source.Path, limits, _pixels);
            _pixels = image.Pixels;
            return image;
        }
    }
}
