using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using ChangeDetection.Imaging.Pixels;
using LibTiff = BitMiracle.LibTiff.Classic.Tiff;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>Decodes tiles and strips by LibTiff. The directory was checked before; what can still be wrong is the compressed pixels.</summary>
internal sealed class TiffBlockDecoder : IDisposable
{
    /// <summary>LibTiff would cut a single strip that is not compressed into several, which the directory knows nothing of.</summary>
    private const string ReadUnchopped = "rc";

    private readonly LibTiff _tiff;
    private readonly string _name;
    private readonly bool _isTiled;

    /// <summary>Its default writes to the console.</summary>
    static TiffBlockDecoder() => LibTiff.SetErrorHandler(new Heard());

    /// <param name="directory">Which of the file's directories the grid is of.</param>
    public TiffBlockDecoder(string path, string name, TiffGrid grid, int directory = 0)
        : this(() => LibTiff.Open(path, ReadUnchopped), name, grid, directory)
    {
    }

    /// <summary>For a file in memory.</summary>
    public TiffBlockDecoder(ReadOnlyMemory<byte> file, string name, TiffGrid grid, int directory = 0)
        : this(() => LibTiff.ClientOpen(name, ReadUnchopped, Stream(file), new TiffStream()), name, grid, directory)
    {
    }

    private TiffBlockDecoder(Func<LibTiff?> open, string name, TiffGrid grid, int directory)
    {
        (_name, _isTiled) = (name, grid.IsTiled);
        Heard.Last = "";
        try
        {
            _tiff = open() ?? throw ImageException.Damaged(name, $"LibTiff says: {Heard.Last}");
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
