using System.Runtime.InteropServices;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Tests.Layouts;

/// <summary>A miniature of the layout <c>oscd</c>. Formats are told by their first bytes, so bands named .tif may be arrays.</summary>
internal static class OscdSource
{
    public const int Width = 36, Height = 24;

    /// <summary>Bands in alphabetical order, as folders list them: not the order in which they are packed.</summary>
    private static readonly (string Name, int Scale)[] s_bands =
    [
        ("B01", 6), ("B02", 1), ("B03", 1), ("B04", 1), ("B05", 2), ("B06", 2), ("B07", 2),
        ("B08", 1), ("B09", 6), ("B10", 6), ("B11", 2), ("B12", 2), ("B8A", 2),
    ];

    /// <summary>A city of two dates and a mask with a quarter of its pixels changed, below <c>images</c> and <c>labels</c>.</summary>
    public static SourceFixture AddCity(this SourceFixture source, string city, string folders = "imgs_{0}", byte[]? mask = null)
    {
        foreach (var date in new[] { 1, 2 })
        {
            foreach (var (name, scale) in s_bands)
                source.AddBand(
                    $"images/{city}/{string.Format(null, folders, date)}/X_2017082{date}_{name}.tif",
                    ValueOf(name, date), Width / scale, Height / scale);
        }
        source.Write($"labels/{city}/cm/{city}-cm.tif", Png(Width, Height, mask ?? [1, 1, 1, 2]));
        return source;
    }

    /// <summary>A band of one value all over.</summary>
    public static SourceFixture AddBand(this SourceFixture source, string path, int value, int width = Width, int height = Height)
    {
        var pixels = new byte[width * height * 2];
        MemoryMarshal.Cast<byte, ushort>(pixels.AsSpan()).Fill((ushort)value);
        source.Write(path, NpyEncoder.Encode(new PixelImage(new(width, height, 1, PixelType.UInt16), pixels)));
        return source;
    }

    public static byte[] Png(int width, int height, params byte[] pattern) => PngEncoder.Encode(PatternImages.Grey(width, height, pattern));

    /// <summary>What a band of a date holds: 104 for B04 of the first, 208 for B08 of the second, 113 for B8A.</summary>
    public static int ValueOf(string band, int date) => 100 * date + (band == "B8A" ? 13 : int.Parse(band.AsSpan(1), null));

    /// <summary>A city as a band's file.</summary>
    public static string Band(string city, int date, string name) => $"images/{city}/imgs_{date}/X_2017082{date}_{name}.tif";
}
