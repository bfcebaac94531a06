using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs.Npy;

/// <summary>Copies the array out of a NumPy file.</summary>
internal static class NpyDecoder
{
    public static void Decode(ReadOnlySpan<byte> file, string name, Span<byte> pixels)
    {
        var data = file[NpyHeader.Read(file, name).DataOffset..];
        if (data.Length < pixels.Length)
            throw ImageException.Truncated(name, $"the .npy array has {pixels.Length:N0} bytes, the file holds {data.Length:N0} of them");
        data[..pixels.Length].CopyTo(pixels);
    }
}
