using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using ChangeDetection.Imaging.Pixels;
using LibTiff = BitMiracle.LibTiff.Classic.Tiff;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// Decodes tiles and strips by LibTiff: fax codes, and JPEGs of two, four and more samples. The directory was checked before; what can still be wrong is
/// the compressed pixels.
/// </summary>
internal sealed class TiffBlockDecoder : ITiffBlockDecoder
{
    /// <summary>LibTiff would cut a single strip that is not compressed into several, which the directory knows nothing of.</summary>
    private const string ReadUnchopped = "rc";

    private readonly LibTiff _tiff;
    private readonly string _name;
    private readonly TiffGrid _grid;

    /// <summary>Its default writes to the console.</summary>
    static TiffBlockDecoder() => LibTiff.SetErrorHandler(new Heard());

    /// <exception cref="ImageException">LibTiff does not read the file.</exception>
    /// <param name="directory">Which of the file's directories the grid is of.</param>
    public TiffBlockDecoder(TiffBytes file, TiffGrid grid, TiffLayout layout, int directory = 0)
    {
        var name = file.Name;
        // It finds no directory in one.
        if (layout is { IsBig: true, IsLittleEndian: false })
            throw ImageException.Unsupported(
                name, $"a big-endian BigTIFF of compression {grid.Pixels.Compression} ({TiffCodec.Name(grid.Pixels.Compression)})", TiffCodec.Rewrite);
        (_name, _grid) = (name, grid);
        Heard.Last = "";
        try
        {
            _tiff = LibTiff.ClientOpen(name, ReadUnchopped, file.Open(), new TiffStream())
                ?? throw ImageException.Damaged(name, $"LibTiff says: {Heard.Last}");
            if (directory > 0 && !_tiff.SetDirectory((short)directory))
                throw ImageException.Damaged(name, $"LibTiff says of directory {directory}: {Heard.Last}");
        }
        catch (Exception exception) when (exception is not (ImageException or OutOfMemoryException or IOException))
        {
            throw ImageException.Damaged(name, $"LibTiff cannot read the directory ({exception.Message})", exception);
        }
        if (grid.IsYCbCr)
            _tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
    }

    public void Decode(int index, byte[] target, int bytes)
    {
        Heard.Last = "";
        try
        {
            var decoded = _grid.IsTiled ? _tiff.ReadEncodedTile(index, target, 0, bytes) : _tiff.ReadEncodedStrip(index, target, 0, bytes);
            if (decoded != bytes)
                throw ImageException.Damaged(
                    _name, $"{_grid.NameOf(index)} of the TIFF cannot be decoded{(Heard.Last.Length > 0 ? $"; LibTiff says: {Heard.Last}" : "")}");
        }
        catch (Exception exception) when (exception is not (ImageException or OutOfMemoryException or IOException))
        {
            // Damaged compressed data shows itself in the decoder's own way, most often as an index beyond an array.
            throw ImageException.Damaged(_name, $"{_grid.NameOf(index)} of the TIFF cannot be decoded ({exception.Message})", exception);
        }
    }

    public void Dispose() => _tiff.Dispose();

    private static MemoryStream Stream(ReadOnlyMemory<byte> file) => MemoryMarshal.TryGetArray(file, out var bytes)
        ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
        : new MemoryStream(file.ToArray(), writable: false);

    /// <summary>Keeps the last error of this thread.</summary>
    private sealed class Heard : TiffErrorHandler
    {
        [ThreadStatic]
        private static string? t_last;

        public static string Last { get => t_last ?? ""; set => t_last = value; }

        public override void ErrorHandler(LibTiff tif, string method, string format, params object[] args) =>
            Last = string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args);

        public override void ErrorHandlerExt(LibTiff tif, object clientData, string method, string format, params object[] args)
        {
        }

        public override void WarningHandler(LibTiff tif, string method, string format, params object[] args)
        {
        }

        public override void WarningHandlerExt(LibTiff tif, object clientData, string method, string format, params object[] args)
        {
        }
    }
}
