using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// SZTAKI AirChange: <c>PLACE/N/{im1,im2,gt}.bmp</c>, names in any case. The source is the folder of all places, or one place.
/// The benchmark's splits cut pairs, so the layout has none of its own.
/// </summary>
internal sealed class AirChangeLayout : IDatasetLayout
{
    private const int Levels = 2;

    private static readonly MaskRule s_bright = MaskRule.TryParse("> 127")!;

    public string Name => "airchange";

    public string Folders => "PLACE/N/{im1,im2,gt}.bmp; SOURCE is one place or the folder of places; needs --split";

    /// <summary>Masks are black and white, but for a few stray greys at edges.</summary>
    public MaskRule? ChangeBy(IReadOnlyCollection<long> values) => values.Contains(0) && values.All(value => value is >= 0 and <= byte.MaxValue)
        && values.Any(value => value > byte.MaxValue / 2) ? s_bright : null;

    public IReadOnlyList<SourcePair> List(string source) =>
        [.. Below(SourceFolder.Open(source), Levels).OrderBy(pair => pair.Path, StringComparer.Ordinal)];

    private static IEnumerable<SourcePair> Below(SourceFolder folder, int levels)
    {
        if (OfFolder(folder) is { } pair)
            return [pair];
        return levels == 0 ? [] : folder.Folders().SelectMany(inner => Below(inner, levels - 1));
    }

    private static SourcePair? OfFolder(SourceFolder folder)
    {
        var images = folder.Images();
        var (before, after, mask) = (Named(images, "im1"), Named(images, "im2"), Named(images, "gt"));
        if (before.Count + after.Count + mask.Count == 0)
            return null;
        var path = folder.Path.Length == 0 ? folder.Name : folder.Path;
        return new()
        {
            Path = path,
            Before = before.FirstOrDefault(),
            After = after.FirstOrDefault(),
            Mask = mask.FirstOrDefault(),
            Problem = Missing(path, "before image", "im1", before) ?? Missing(path, "after image", "im2", after) ?? Missing(path, "mask", "gt", mask),
        };
    }

    private static List<SourceFile> Named(IReadOnlyList<SourceFile> images, string stem) =>
        [.. images.Where(file => string.Equals(file.Stem, stem, StringComparison.OrdinalIgnoreCase))];

    private static string? Missing(string path, string what, string stem, List<SourceFile> files) => files.Count switch
    {
        0 => $"{path}: the {what} is missing: the folder has no {stem}.bmp. Add it, or remove the folder.",
        1 => null,
        _ => $"{path}: {files[0].Path} and {files[1].Path} have one name, so it is not clear which is the {what}. Remove one.",
    };
}
