using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>Crops that reach over the edge of an image, where its border is repeated. Holds the scratch of one thread.</summary>
internal sealed class ShiftedCrop
{
    private byte[] _pixels = [];

    /// <summary>
    /// An image and a crop inside it of the same pixels: the given ones where the crop is inside, else a copy of the crop in a buffer of its own, which the
    /// next call reuses.
    /// </summary>
    public (PixelImage Image, GeometricAugmentation GeometricAugmentation) Inside(PixelImage source, GeometricAugmentation augmentation)
    {
        var (shape, height, width) = (source.Shape, augmentation.Height, augmentation.Width);
        if (augmentation.Top >= 0 && augmentation.Left >= 0 && augmentation.Top + height <= shape.Height && augmentation.Left + width <= shape.Width)
            return (source, augmentation);
        var crop = shape with { Height = height, Width = width };
        if (_pixels.Length < crop.Bytes)
            _pixels = GC.AllocateUninitializedArray<byte>((int)crop.Bytes);
        switch (shape.Channels * shape.BytesPerValue)
        {
            case 1: Copy<byte>(source, augmentation, 1); break;
            case 2: Copy<ushort>(source, augmentation, 1); break;
            case var bytes when bytes % sizeof(ushort) == 0: Copy<ushort>(source, augmentation, bytes / sizeof(ushort)); break;
            case var bytes: Copy<byte>(source, augmentation, bytes); break;
        }
        return (new PixelImage(crop, _pixels), augmentation with { Top = 0, Left = 0 });
    }

    /// <param name="parts">Values of type <typeparamref name="T"/> in a pixel.</param>
    private void Copy<T>(PixelImage source, GeometricAugmentation augmentation, int parts) where T : unmanaged
    {
        var from = MemoryMarshal.Cast<byte, T>(source.Bytes);
        var to = MemoryMarshal.Cast<byte, T>(_pixels.AsSpan());
        var (rows, columns, width) = (source.Shape.Height, source.Shape.Width, augmentation.Width);
        for (var y = 0; y < augmentation.Height; y++)
        {
            var row = from.Slice(Math.Clamp(augmentation.Top + y, 0, rows - 1) * columns * parts, columns * parts);
            var target = to.Slice(y * width * parts, width * parts);
            for (var x = 0; x < width; x++)
                row.Slice(Math.Clamp(augmentation.Left + x, 0, columns - 1) * parts, parts).CopyTo(target[(x * parts)..]);
        }
    }
}
