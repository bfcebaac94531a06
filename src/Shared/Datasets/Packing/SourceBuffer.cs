using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>An image's bytes and its pixels, kept from one image to the next: fresh arrays of this size would all land on the large object heap.</summary>
internal sealed class SourceBuffer
{
    /// <summary>Larger files are refused unread; far above what the limits on decoded pixels let pass.</summary>
    private const long MaxFileBytes = 1L << 30;

    private readonly List<int> _ends = [];
    private byte[] _file = [];
    private byte[]? _pixels;

    /// <summary>The bytes of the file; of all files, one behind the other, where each holds a band.</summary>
    public ReadOnlyMemory<byte> File { get; private set; }

    /// <exception cref="IOException">A file is empty, too large, or cannot be read.</exception>
    public void Fill(SourceFile source)
    {
        _ends.Clear();
        var length = 0;
        foreach (var file in source.Bands.Count == 0 ? [source] : source.Bands.Select(band => band.File))
        {
            length += Append(file, length);
            _ends.Add(length);
        }
        File = _file.AsMemory(0, length);
    }

    /// <summary>The image, and which of its pixels are none: 0 in a plane of one channel; null where all are.</summary>
    /// <exception cref="ImageException">A file cannot be decoded.</exception>
    /// <exception cref="DatasetSourceException">The bands do not fit each other.</exception>
    public (PixelImage Image, PixelImage? Valid) Decode(SourceFile source, NoDataRule rule, ImageLimits limits)
    {
        if (source.Bands.Count > 0)
            return BandStack.Decode(source.Bands, [.. _ends.Select((end, at) => File[(at == 0 ? 0 : _ends[at - 1])..end])], rule, limits);
        var (image, valid) = ImageCodec.Decode(File, source.Path, rule, limits, _pixels);
        _pixels = image.Pixels;
        return (image, valid);
    }

    /// <summary>The values of a mask, as the file has them.</summary>
    /// <exception cref="ImageException">The file cannot be decoded as a mask.</exception>
    public MaskImage DecodeMask(SourceFile source, ImageLimits limits) => MaskCodec.Decode(File, source.Path, limits);

    /// <summary>Reads a file behind what is there, and returns how many bytes it has.</summary>
    private int Append(SourceFile source, int at)
    {
        var length = new FileInfo(source.FullPath).Length;
        // An empty file may be a pipe or a device, which would never end: it is not opened.
        if (length == 0 || length > MaxFileBytes - at)
            throw new IOException(
                length == 0 ? $"{source.Path} is empty. Copy it again."
                : $"{source.Path} has {length} bytes, more than the {MaxFileBytes} an image may have. Cut it into tiles.");
        if (_file.Length < at + length)
        {
            var longer = GC.AllocateUninitializedArray<byte>(at + (int)length);
            _file.AsSpan(0, at).CopyTo(longer);
            _file = longer;
        }
        using var handle = System.IO.File.OpenHandle(source.FullPath, options: FileOptions.SequentialScan);
        var read = 0;
        while (read < length && RandomAccess.Read(handle, _file.AsSpan(at + read, (int)length - read), read) is > 0 and var some)
            read += some;
        return read;
    }
}
