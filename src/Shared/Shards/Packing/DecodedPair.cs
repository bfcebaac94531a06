using ChangeDetection.Images;

namespace ChangeDetection.Shards.Packing;

/// <summary>The decoded images of a planned sample, cut to its crop. The mask's values are still those of the file.</summary>
/// <param name="Notes">What was done to fit them to each other, as texts of warnings.</param>
internal sealed record DecodedPair(PixelImage Before, PixelImage After, PixelImage Mask, MaskLevels Levels, IReadOnlyList<string> Notes);
