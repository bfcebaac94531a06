using System.Runtime.CompilerServices;
using ChangeDetection.Imaging.Pixels;
using NetVips;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>TIFF, JPEG, WebP and the rarer PNGs (16 bits, interlaced), by libvips: exact for every depth and number of bands.</summary>
internal static class VipsDecoder
{
    private static readonly Log.LogDelegate s_silent = static (_, _, _) => { };

    /// <summary>A cache of operations would keep images alive beyond our budget, and threads of its own compete with the data loader's.</summary>
    static VipsDecoder()
    {
        Cache.Max = 0;
        NetVips.NetVips.Concurrency = 1;
        NetVips.NetVips.BlockUntrusted = true;
        // Its warnings go to standard error, one per broken tile; what matters of them is in the exception.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, s_silent);
    }

    public static void Decode(ReadOnlySpan<byte> file, string name, ImageShape shape, Span<byte> pixels)
    {
        try
        {
            using (VipsGate.Together())
                Load(file, name, shape, pixels);
            return;
        }
        catch (VipsException)
        {
            // What it says may be of another image.
        }
        try
        {
            using (VipsGate.Alone())
                Load(file, name, shape, pixels);
        }
        catch (VipsException e)
        {
            throw ImageException.Damaged(name, $"cut short or corrupt; libvips says: {e.Message.ReplaceLineEndings(" ").Trim()}", e);
        }
    }

    /// <summary>Sets libvips up, once; for those who call it without <see cref="Decode"/>.</summary>
    public static void Prepare() => RuntimeHelpers.RunClassConstructor(typeof(VipsDecoder).TypeHandle);

    /// <summary>The band format in which libvips keeps values of a type.</summary>
    public static Enums.BandFormat Format(PixelType type) =>
        type switch { PixelType.UInt8 => Enums.BandFormat.Uchar, PixelType.UInt16 => Enums.BandFormat.Ushort, _ => Enums.BandFormat.Float };

    private static void Load(ReadOnlySpan<byte> file, string name, ImageShape shape, Span<byte> pixels)
    {
        using var loaded = Image.NewFromBuffer(file, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        if (loaded.Width != shape.Width || loaded.Height != shape.Height)
            throw ImageException.Damaged(name, $"the header declares {shape}, the data {loaded.Width}x{loaded.Height}");
        using var bands = WithChannels(loaded, shape.Channels, name);
        using var image = bands.Cast(Format(shape.Type));
        CopyPixels(image, name, pixels);
    }

    /// <summary>Drops alpha; repeats the one band into which libvips turns a palette of greys.</summary>
    internal static Image WithChannels(Image image, int channels, string name)
    {
        if (image.Bands >= channels)
            return image.ExtractBand(0, n: channels);
        if (image.Bands == 1)
            return image.Bandjoin(Enumerable.Repeat(image, channels - 1).ToArray());
        throw ImageException.Damaged(name, $"the header declares {channels} channels, the data {image.Bands}");
    }

    private static unsafe void CopyPixels(Image image, string name, Span<byte> pixels)
    {
        var memory = image.WriteToMemory(out var size);
        try
        {
            if (size != (ulong)pixels.Length)
                throw ImageException.Damaged(name, $"the header declares {pixels.Length:N0} bytes decoded, the data {size:N0}");
            new ReadOnlySpan<byte>((void*)memory, pixels.Length).CopyTo(pixels);
        }
        finally
        {
            NetVips.NetVips.Free(memory);
        }
    }
}
