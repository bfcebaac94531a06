using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>Chooses what decodes a TIFF's blocks, by its directory. Each of them refuses a damaged block, and none gives zeros for it.</summary>
internal static class TiffBlocks
{
    /// <param name="directory">Found sound before: LibTiff follows the list of directories.</param>
    /// <param name="index">Which of the file's directories it is.</param>
    /// <exception cref="ImageException">The file is of a kind that is not read.</exception>
    public static ITiffBlockDecoder Open(TiffBytes file, TiffDirectory directory, TiffGrid grid, int index = 0) =>
        PackedBlockDecoder.Reads(grid.Pixels.Compression) ? new PackedBlockDecoder(file, grid, directory.Layout)
        : grid.Pixels.Compression == TiffCodec.WebP ? new WebPBlockDecoder(file, grid)
        : JpegBlockDecoder.Reads(grid) ? new JpegBlockDecoder(file, grid, directory.Raw(TiffTag.JpegTables, 1 << 16))
        : new TiffBlockDecoder(file, grid, directory.Layout, index);
}
