using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>A decoded image, and which of its pixels are there.</summary>
/// <param name="Valid">
/// One channel of 8 bits: <see cref="ValidPixels.Valid"/> or <see cref="ValidPixels.None"/>. Null where every pixel is there.
/// </param>
public sealed record ValidImage(PixelImage Image, PixelImage? Valid);
