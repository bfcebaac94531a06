using BitMiracle.LibTiff.Classic;
using ChangeDetection.Imaging.Pixels;
using LibTiff = BitMiracle.LibTiff.Classic.Tiff;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>Decodes tiles and strips by LibTiff. The directory was checked before; what can still be wrong is the compressed pixels.</summary>
internal sealed class TiffBlockDecoder : IDisposable
{
    private readonly LibTiff _tiff;
    private readonly string _name;
    private readonly bool _isTiled;

    /// <summary>Its default writes to the console.</summary>
    static TiffBlockDecoder() => LibTiff.SetErrorHandler(new Heard());

    public TiffBlockDecoder(string path, string name, TiffGrid grid)
    {
        (_name, _isTiled) = (name, grid.IsTiled);
        Heard.Last = "";
        _tiff = LibTiff.Open(path, "r") ?? throw ImageException.Damaged(name, $"LibTiff says: {Heard.Last}");
        if (grid.IsYCbCr)
            _tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
    }

    /// <param name="index">Of the block, planes one after the other.</param>
    /// <param name="target">Gets the values in this machine's byte order.</param>
    /// <param name="bytes">What the block must come to.</param>
    /// <exception cref="ImageException">It does not.</exception>
    public void Decode(int index, byte[] target, int bytes)
    {
        Heard.Last = "";
        try
        {
            var decoded = _isTiled ? _tiff.ReadEncodedTile(index, target, 0, bytes) : _tiff.ReadEncodedStrip(index, target, 0, bytes);
            if (decoded != bytes)
                throw ImageException.Damaged(
                    _name, $"{(_isTiled ? "tile" : "strip")} {index:N0} of the TIFF cannot be " +
                    $"decoded{(Heard.Last.Length > 0 ? $"; LibTiff says: {Heard.Last}" : "")}");
        }
        catch (Exception exception) when (exception is not (ImageException or OutOfMemoryException or IOException))
        {
            // Damaged compressed data shows itself in the decoder's own way, most often as an index beyond an array.
            throw ImageException.Damaged(_name, $"{(_isTiled ? "tile" : "strip")} {index:N0} of the TIFF cannot be decoded ({exception.Message})", exception);
        }
    }

    public void Dispose() => _tiff.Dispose();

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
