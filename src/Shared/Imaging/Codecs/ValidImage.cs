using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>A decoded image, and which of its pixels are there.</summary>
/// <param name="Validity">
/// [height, width]: <see cref="PixelValidity.Valid"/> or <see cref="PixelValidity.None"/>; null where every pixel is there.
/// </param>
public sealed record ValidImage(PixelImage Image, byte[]? Validity);
