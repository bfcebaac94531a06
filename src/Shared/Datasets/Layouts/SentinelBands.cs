namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// The bands of Sentinel-2, in the order of Daudt et al. (2018): red, green, blue, near-infrared, then those of 20 m, then those of 60 m. Their networks of
/// 3, 4, 10 and 13 channels take the first ones.
/// </summary>
internal static class SentinelBands
{
    private static readonly (string Name, int Scale)[] s_all =
    [
        ("B04", 1), ("B03", 1), ("B02", 1), ("B08", 1),
        ("B05", 2), ("B06", 2), ("B07", 2), ("B8A", 2), ("B11", 2), ("B12", 2),
        ("B01", 6), ("B09", 6), ("B10", 6),
    ];

    /// <summary>How many bands can be asked for.</summary>
    public static IReadOnlyList<int> Counts { get; } = [3, 4, 10, 13];

    /// <summary>Names of the first bands.</summary>
    public static IReadOnlyList<string> Names(int count) => [.. s_all.Take(count).Select(band => band.Name)];

    /// <summary>The first bands of a folder that holds one file for each, or why it cannot be.</summary>
    public static (SourceFile? Image, string? Problem) Find(SourceFolder folder, int count)
    {
        var files = folder.Images().ToLookup(NameOf, StringComparer.OrdinalIgnoreCase);
        var bands = new List<SourceBand>();
        foreach (var (name, scale) in s_all.Take(count))
        {
            switch (files[name].ToList())
            {
                case [var file]:
                    bands.Add(new(file, scale));
                    break;
                case []:
                    return (null,
                        $"{folder.Path} has no image of the band {name}, which is a file whose name ends in _{name}. Copy it again, or pack with " +
                        "fewer --bands.");
                case var several:
                    return (null, $"{several[0].Path} and {several[1].Path} are both the band {name}. Remove one.");
            }
        }
        return (new SourceFile(folder.Path, folder.FullPath) { Bands = bands }, null);
    }

    /// <summary>What stands behind the last underscore: <c>T31UDQ_20170829T105019_B8A.tif</c>, or <c>B8A.tif</c>.</summary>
    private static string NameOf(SourceFile file) => file.Stem[(file.Stem.LastIndexOf('_') + 1)..];
}
