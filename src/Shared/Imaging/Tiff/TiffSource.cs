using ChangeDetection.Imaging.Pixels;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>The bytes of a TIFF, in memory or on disk.</summary>
internal readonly ref struct TiffSource
{
    private readonly ReadOnlySpan<byte> _memory;
    private readonly SafeFileHandle? _file;

    public TiffSource(ReadOnlySpan<byte> memory, string name)
    {
        _memory = memory;
        (Name, Length) = (name, memory.Length);
    }

    public TiffSource(SafeFileHandle file, string name) => (_file, Name, Length) = (file, name, RandomAccess.GetLength(file));

    /// <summary>What errors call the file.</summary>
    public string Name { get; }

    public long Length { get; }

    /// <summary>Some bytes; memory is not copied.</summary>
    /// <exception cref="ImageException">The file ends before.</exception>
    public ReadOnlySpan<byte> Slice(long at, int bytes)
    {
        if (at < 0 || at > Length - bytes)
            throw ImageException.Truncated(Name, $"the TIFF is needed up to byte {(Int128)at + bytes:N0} and ends at {Length:N0}");
        if (_file is null)
            return _memory.Slice((int)at, bytes);
        var target = new byte[bytes];
        for (var done = 0; done < bytes;)
        {
            var read = RandomAccess.Read(_file, target.AsSpan(done), at + done);
            if (read == 0)
                throw ImageException.Truncated(Name, $"the TIFF is needed up to byte {at + bytes:N0} and ended at {at + done:N0}");
            done += read;
        }
        return target;
    }
}
