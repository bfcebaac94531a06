using ChangeDetection.Images;
using NetVips;

namespace ChangeDetection.Geo;

/// <summary>A PNG, JPEG or WebP, decoded downwards by libvips: it holds the rows that are being read, and no others.</summary>
internal sealed class DownwardScene : ISceneReader
{
    private readonly Image _image;

    /// <param name="shape">As the header says, which was checked before.</param>
    /// <exception cref="ImageException">The file is damaged.</exception>
    public DownwardScene(string path, string name, ImageShape shape)
    {
        (Name, Shape) = (name, shape);
        try
        {
            using (VipsGate.Together())
                _image = Open(path);
        }
        catch (VipsException exception)
        {
            throw Damaged(exception);
        }
    }

    public string Name { get; }
    public ImageShape Shape { get; }
    public Georeference? Georeference => null;
    public double? NoData => null;

    public unsafe void ReadRows(int first, int count, Span<byte> target)
    {
        try
        {
            using var gate = VipsGate.Together();
            using var rows = _image.Crop(0, first, Shape.Width, count);
            var memory = rows.WriteToMemory(out var size);
            try
            {
                if (size != (ulong)target.Length)
                    throw ImageException.Damaged(Name, $"{count:N0} rows of {Shape} come to {size:N0} bytes");
                new ReadOnlySpan<byte>((void*)memory, target.Length).CopyTo(target);
            }
            finally
            {
                NetVips.NetVips.Free(memory);
            }
        }
        catch (VipsException exception)
        {
            throw Damaged(exception);
        }
    }

    public void Dispose() => _image.Dispose();

    private Image Open(string path)
    {
        VipsDecoder.Prepare();
        using var loaded = Image.NewFromFile(path, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        if (loaded.Width != Shape.Width || loaded.Height != Shape.Height)
            throw ImageException.Damaged(Name, $"the header declares {Shape}, the data {loaded.Width}x{loaded.Height}");
        using var bands = VipsDecoder.WithChannels(loaded, Shape.Channels, Name);
        return bands.Cast(VipsDecoder.Format(Shape.Type));
    }

    private ImageException Damaged(VipsException exception) =>
        ImageException.Damaged(Name, $"cut short or corrupt; libvips says: {exception.Message.ReplaceLineEndings(" ").Trim()}", exception);
}
