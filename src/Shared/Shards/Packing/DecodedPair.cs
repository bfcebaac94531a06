using ChangeDetection.Images;

namespace ChangeDetection.Shards.Packing;

/// <summary>The decoded images of a planned sample, cut to its crop. The mask's values are still those of the file.</summary>
internal sealed record DecodedPair(PixelImage Before, PixelImage After, PixelImage Mask, MaskLevels Levels);
