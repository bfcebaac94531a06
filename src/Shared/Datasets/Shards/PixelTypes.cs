using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Shards;

/// <summary>How manifests write the type of images' values: as NumPy does.</summary>
public static class PixelTypes
{
    private static readonly (PixelType Type, string Name)[] s_names =
        [(PixelType.UInt8, "uint8"), (PixelType.UInt16, "uint16"), (PixelType.Float32, "float32")];

    public static string Name(PixelType type) => Array.Find(s_names, one => one.Type == type).Name;

    /// <summary>The type of a name; null where it is none.</summary>
    public static PixelType? Parse(string name) => Array.Find(s_names, one => one.Name == name) is { Name: not null } found ? found.Type : null;
}
