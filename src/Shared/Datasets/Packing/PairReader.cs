using ChangeDetection.Datasets.Masks;
using System.Globalization;
using System.IO.Hashing;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>XXH3-64 of a pair's three files.</summary>
internal readonly record struct SourceSums(ulong Before, ulong After, ulong Mask);

/// <summary>
/// Reads pairs one at a time into buffers of its own, which the next call reuses; of a large one that is to be cut into tiles, rows at a time. Everything
/// that can be wrong with one pair is found here.
/// </summary>
/// <param name="masks">The rule for their masks.</param>
internal sealed class PairReader(PackOptions options, MaskMapping masks) : IDisposable
{
    private readonly SourceBuffer _before = new();
    private readonly SourceBuffer _after = new();
    private readonly SourceBuffer _mask = new();
    private byte[]? _classes;
    private LargePair? _large;
    private bool _isLarge;

    /// <summary>The files of the pair read last, as they are; of none that is read by rows.</summary>
    public (ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> After, ReadOnlyMemory<byte> Mask) Files => (_before.File, _after.File, _mask.File);

    /// <summary>Whether the mask that was decoded last holds classes as it is, in 8 bits: it may go into a shard unchanged.</summary>
    public bool MaskStaysAsItIs { get; private set; }

    /// <summary>Of the pair that was loaded.</summary>
    public SourceSums Sums { get; private set; }

    /// <summary>Reads the three files and leaves them as they are.</summary>
    /// <exception cref="DatasetSourceException">The pair is not whole, or a file cannot be read.</exception>
    public void Load(PlannedSample sample)
    {
        var pair = sample.Pair;
        if (pair.Problem is { } problem)
            throw new DatasetSourceException([problem]);
        _large?.Dispose();
        _large = null;
        _isLarge = options.Tiling is { } tiling && LargePair.Is(pair, tiling, options.WholeBytes);
        Named(pair, () =>
        {
            if (_isLarge)
            {
                Sums = new(SumOf(pair.Before!), SumOf(pair.After!), pair.Mask is { } file ? SumOf(file) : 0);
                return;
            }
            _before.Fill(pair.Before!);
            _after.Fill(pair.After!);
            if (pair.Mask is { } mask)
                _mask.Fill(mask);
            Sums = new(
                XxHash3.HashToUInt64(_before.File.Span), XxHash3.HashToUInt64(_after.File.Span),
                pair.Mask is null ? 0 : XxHash3.HashToUInt64(_mask.File.Span));
        });
    }

    /// <summary>Decodes the pair that was loaded, cut to its crop, or opens it to be decoded by rows.</summary>
    /// <exception cref="DatasetSourceException">The pair cannot become a sample; the message names files and sizes.</exception>
    public IPairPixels Decode(PlannedSample sample)
    {
        if (!_isLarge)
            return DecodeWhole(sample);
        Named(sample.Pair, () => _large = new LargePair(sample, options.NoData, masks));
        return _large!;
    }

    public void Dispose() => _large?.Dispose();

    private DecodedPair DecodeWhole(PlannedSample sample)
    {
        var pair = sample.Pair;
        PixelImage? before = null, after = null, mask = null, beforeValid = null, afterValid = null;
        Named(pair, () =>
        {
            (before, beforeValid) = _before.Decode(pair.Before!, options.NoData, options.Limits);
            (after, afterValid) = _after.Decode(pair.After!, options.NoData, options.Limits);
            MaskStaysAsItIs = false;
            if (pair.Mask is not { } file)
            {
                mask = UnlabelledRows.Image(before.Shape);
                return;
            }
            var values = _mask.DecodeMask(file, options.Limits);
            mask = masks.Apply(values, file.Path, _classes);
            _classes = mask.Pixels;
            MaskStaysAsItIs = values is { Bytes: { } bytes, Channels: 1, Palette: null, IsOneBit: false }
                && mask.Bytes.SequenceEqual(bytes.AsSpan(0, mask.Bytes.Length));
        });
        var notes = new List<string>();
        after = Fitted(pair, before!, after!, pair.After!, notes);
        afterValid = afterValid is null ? null : Fitted(pair, before!, afterValid, pair.After!, []);
        mask = pair.Mask is { } maskFile ? Fitted(pair, before!, mask!, maskFile, notes) : mask;
        Agree(sample, before!.Shape, after.Shape, mask!.Shape);
        if (sample.Crop is { } crop)
            (before, after, mask, beforeValid, afterValid) = (
                crop.Cut(before), crop.Cut(after), crop.Cut(mask), beforeValid is null ? null : crop.Cut(beforeValid),
                afterValid is null ? null : crop.Cut(afterValid));
        var valid = PairValidity.Both(beforeValid, afterValid);
        return new(Joined(before, after, mask, valid), notes);
    }

    /// <summary>The images as samples have them.</summary>
    internal static PairImages Joined(PixelImage before, PixelImage after, PixelImage mask, PixelImage? valid)
    {
        if (valid is not null)
        {
            PairValidity.Clear(before, valid);
            PairValidity.Clear(after, valid);
            PairValidity.Ignore(mask, valid);
        }
        return new(before, after, mask, valid);
    }

    private static ulong SumOf(SourceFile file)
    {
        using var stream = File.OpenRead(file.FullPath);
        var hash = new XxHash3();
        hash.Append(stream);
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>The image in the size of the first date, where the layout knows that a few pixels may be missing.</summary>
    private static PixelImage Fitted(SourcePair pair, PixelImage before, PixelImage image, SourceFile file, List<string> notes)
    {
        var (wanted, shape) = (before.Shape, image.Shape);
        if ((shape.Width, shape.Height) == (wanted.Width, wanted.Height) || !SizeFit.IsWithin(shape, wanted, pair.Tolerance))
            return image;
        notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"{pair.Path}: {file.Path} is {shape.Width}x{shape.Height}, and was cut or filled up at its edge to the " +
                $"{wanted.Width}x{wanted.Height} of {pair.Before!.Path}"));
        return SizeFit.To(image, wanted);
    }

    /// <summary>Reads, and names the pair where that fails.</summary>
    internal static void Named(SourcePair pair, Action read)
    {
        try
        {
            read();
        }
        catch (Exception error) when (error is ImageException or UnauthorizedAccessException or IOException and not DatasetSourceException)
        {
            throw new DatasetSourceException([$"{pair.Path}: {error.Message}"]) { Asks = error is ImageException { Fault: ImageFault.Ambiguous } };
        }
    }

    /// <exception cref="DatasetSourceException">The three do not fit each other, or the crop.</exception>
    internal static void Agree(PlannedSample sample, ImageShape before, ImageShape after, ImageShape mask)
    {
        var pair = sample.Pair;
        if (before != after)
            throw new DatasetSourceException(
                [$"{pair.Path}: {pair.Before!.Path} is {before}, but {pair.After!.Path} is {after}. Both dates must have one size, number of " +
                "channels and type: cut or resample one of them."]);
        if ((mask.Width, mask.Height) != (before.Width, before.Height))
            throw new DatasetSourceException(
                [$"{pair.Path}: {pair.Before!.Path} is {before.Width}x{before.Height}, but the mask {pair.Mask!.Path} is " +
                $"{mask.Width}x{mask.Height}. They must cover the same pixels."]);
        if (sample.Crop is { } crop && !crop.IsInside(before))
            throw new DatasetSourceException([$"{pair.Path}: the crop @{crop} leaves the image, which is {before.Width}x{before.Height}. Correct --split."]);
    }
}
