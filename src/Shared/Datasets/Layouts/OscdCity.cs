using System.Globalization;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>One city of OSCD: the folder of its images and that of its mask.</summary>
internal static class OscdCity
{
    /// <summary>Some second dates, and so some masks, are a few rows or columns off.</summary>
    private const int Tolerance = 8;
    private const int MaxDatesBytes = 4096;
    /// <summary>As they were taken, and resampled to 10 m: the first ones where there are both.</summary>
    private static readonly string[] s_kinds = ["", "_rect"];

    public static bool HasImages(SourceFolder city) =>
        s_kinds.Any(kind => city.Folder($"imgs_1{kind}") is not null || city.Folder($"imgs_2{kind}") is not null);

    public static bool HasMask(SourceFolder city) => city.Folder("cm") is not null;

    /// <param name="images">The folders of the city that hold images.</param>
    /// <param name="masks">Those that hold masks.</param>
    public static SourcePair Pair(string city, IReadOnlyList<SourceFolder> images, IReadOnlyList<SourceFolder> masks, int bands)
    {
        var pair = new SourcePair { Path = city, Tolerance = Tolerance };
        if (images.Count > 1)
            return pair with { Problem = $"{images[0].Path} and {images[1].Path} both hold images of {city}. Remove one." };
        if (s_kinds.Select(kind => (images[0].Folder($"imgs_1{kind}"), images[0].Folder($"imgs_2{kind}")))
            .FirstOrDefault(dates => dates is ({ }, { })) is not ({ } first, { } second))
            return pair
                with { Problem =
                    $"{images[0].Path} has the images of one date only. Both imgs_1 and imgs_2 are needed, or both imgs_1_rect and imgs_2_rect." };
        var (before, after) = (SentinelBands.Find(first, bands), SentinelBands.Find(second, bands));
        var (mask, maskProblem) = Mask(city, masks);
        return pair with
        {
            Before = before.Image,
            After = after.Image,
            Mask = mask,
            Problem = before.Problem ?? after.Problem ?? maskProblem,
            Oddity = Dates(images[0]),
        };
    }

    /// <summary>The TIFF before the PNG: some of the PNGs have greys at the edges of a change.</summary>
    private static (SourceFile? File, string? Problem) Mask(string city, IReadOnlyList<SourceFolder> folders)
    {
        if (folders.Count > 1)
            return (null, $"{folders[0].Path} and {folders[1].Path} both hold a mask of {city}. Remove one.");
        var files = folders.FirstOrDefault()?.Folder("cm")!.Images() ?? [];
        var stems = new[] { $"{city}-cm", "cm" };
        var mask = stems.Select(stem => files.FirstOrDefault(file => string.Equals(file.Stem, stem, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(file => file is not null);
        return mask is not null ? (mask, null)
            : (null, $"{city}: the mask is missing: there is no {city}/cm with {city}-cm.tif or cm.png. Add it (the test cities' masks are a " +
            "download of their own), or leave the city out with --split.");
    }

    /// <summary>A warning where <c>dates.txt</c> says that the first date is the later one.</summary>
    private static string? Dates(SourceFolder city)
    {
        if (city.File("dates.txt") is not { } file || new FileInfo(file.FullPath).Length is 0 or > MaxDatesBytes)
            return null;
        var dates = File.ReadLines(file.FullPath)
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .Where(parts => parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .DistinctBy(parts => parts[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(parts => parts[0], parts => int.Parse(parts[1], CultureInfo.InvariantCulture), StringComparer.OrdinalIgnoreCase);
        return dates.TryGetValue("date_1", out var first) && dates.TryGetValue("date_2", out var second) && first > second
            ? $"{file.Path} says that imgs_1 ({first}) is later than imgs_2 ({second}); they are before and after all the same"
            : null;
    }
}
