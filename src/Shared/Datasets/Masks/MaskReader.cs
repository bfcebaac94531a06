using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Masks;

/// <summary>
/// Reads the masks of a data set's shards as classes: the one place that knows how they are kept there. A pixel is the number of its class (0 no change,
/// 1 change, 2 … further classes), or <see cref="Ignored"/>. Safe for concurrent use.
/// </summary>
public sealed class MaskReader
{
    /// <summary>The label of a pixel that nobody labelled, or that has no image: it counts nowhere.</summary>
    public const byte Ignored = byte.MaxValue;

    private readonly MaskMapping? _mapping;
    private readonly bool _isChange;

    private MaskReader(MaskMapping? mapping, bool isChange) => (_mapping, _isChange) = (mapping, isChange);

    /// <param name="manifest">Says how the masks are kept.</param>
    public static MaskReader Of(DatasetManifest manifest) =>
        new(MaskMapping.Of(manifest), isChange: manifest.Version == DatasetManifest.FirstVersion && manifest.Classes is null);

    /// <summary>Decodes a mask to one channel of 8 bits.</summary>
    /// <param name="file">The field's bytes.</param>
    /// <param name="name">What an error calls the field.</param>
    /// <param name="limits">Null: <see cref="ImageLimits.Default"/>.</param>
    /// <param name="reuse">A buffer of the caller's, used where it is long enough.</param>
    /// <exception cref="ImageException">It is no image that can be read, or holds a value of no class.</exception>
    public PixelImage Read(ReadOnlyMemory<byte> file, string name, ImageLimits? limits = null, byte[]? reuse = null)
    {
        if (_mapping is not null)
            return _mapping.Apply(MaskCodec.Decode(file, name, limits), name, reuse);
        var mask = ImageCodec.DecodeMask(file, name, limits, reuse);
        if (_isChange)
        {
            foreach (ref var value in mask.Pixels.AsSpan(0, mask.Bytes.Length))
                value = Math.Min(value, (byte)1);
        }
        return mask;
    }
}
