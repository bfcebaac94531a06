using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>Decodes single tiles or strips of a file on disk, in any order. One thread reads.</summary>
internal interface ITiffBlockDecoder : IDisposable
{
    /// <param name="index">Of the block, planes one after the other.</param>
    /// <param name="target">Gets the values in this machine's byte order.</param>
    /// <param name="bytes">What the block must come to.</param>
    /// <exception cref="ImageException">It does not.</exception>
    void Decode(int index, byte[] target, int bytes);
}
