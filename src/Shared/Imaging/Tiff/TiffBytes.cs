using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>A TIFF's bytes, in memory or on disk, for decoders that outlive a call.</summary>
internal sealed class TiffBytes
{
    private readonly SafeFileHandle? _file;
    private readonly ReadOnlyMemory<byte> _memory;

    private readonly string _path = "";

    /// <param name="file">Stays the caller's.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="name">What errors call it.</param>
    public TiffBytes(SafeFileHandle file, string path, string name) => (_file, _path, Name) = (file, path, name);

    /// <param name="file">All of it.</param>
    /// <param name="name">What errors call it.</param>
    public TiffBytes(ReadOnlyMemory<byte> file, string name) => (_memory, Name) = (file, name);

    public string Name { get; }

    /// <summary>Some bytes; memory is not copied.</summary>
    /// <exception cref="Pixels.ImageException">The file ends before.</exception>
    public ReadOnlyMemory<byte> Slice(long at, int bytes)
    {
        if (_file is not null)
            return new TiffSource(_file, Name).Slice(at, bytes).ToArray();
        _ = new TiffSource(_memory.Span, Name).Slice(at, bytes);
        return _memory.Slice((int)at, bytes);
    }

    /// <summary>All of it, once more.</summary>
    public Stream Open() => _file is null ? Stream(_memory) : File.OpenRead(_path);

    /// <summary>Memory to read from.</summary>
    public static MemoryStream Stream(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(bytes.ToArray(), writable: false);
}
