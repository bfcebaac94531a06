using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>Tiles and strips of a TIFF that are each a WebP image (compression 50001 of libtiff), of RGB with or without alpha.</summary>
internal sealed class WebPBlockDecoder : ITiffBlockDecoder
{
    private readonly TiffBytes _file;
    private readonly TiffGrid _grid;

    /// <exception cref="ImageException">The values are none that WebP has.</exception>
    public WebPBlockDecoder(TiffBytes file, TiffGrid grid)
    {
        if (grid is not { Samples: 3 or 4, Bits: 8, Format: 1 })
            throw ImageException.Damaged(file.Name, $"the TIFF declares {grid.Samples} bands of {grid.Bits} bits in compression 50001 (WebP)");
        (_file, _grid) = (file, grid);
    }

    public void Decode(int index, byte[] target, int bytes)
    {
        var packed = _file.Slice(_grid.Offsets[index], (int)_grid.Lengths[index]).Span;
        var shape = new ImageShape(_grid.BlockWidth, bytes / (int)_grid.BlockBytes(1), _grid.Samples, PixelType.UInt8);
        if (packed.Length < 12 || !packed.StartsWith("RIFF"u8) || !packed[8..12].SequenceEqual("WEBP"u8))
            throw ImageException.Damaged(_file.Name, $"{_grid.NameOf(index)} of the TIFF is no WebP image");
        VipsDecoder.Decode(packed, $"{_file.Name}, {_grid.NameOf(index)}", shape, target.AsSpan(0, bytes));
    }

    public void Dispose()
    {
    }
}
