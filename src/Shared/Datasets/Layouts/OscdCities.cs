namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// Finds the cities of Onera Satellite Change Detection (Daudt et al., IGARSS 2018): images <c>CITY/imgs_1/*.tif</c> and <c>CITY/imgs_2/*.tif</c>, a Sentinel-2
/// band in each file; masks <c>CITY/cm/CITY-cm.tif</c> or <c>cm.png</c>. The two trees, and the test cities' masks, come in folders of any name; the lists of
/// cities, <c>train.txt</c> and <c>test.txt</c>, lie beside them or in one of them.
/// </summary>
internal static class OscdCities
{
    /// <summary>Below the source: the folder of images or masks, and the city.</summary>
    private const int Levels = 2;

    /// <param name="bands">How many bands of each date are taken.</param>
    /// <returns>The cities in ordinal order, once per list that names them; empty where there is none.</returns>
    public static IReadOnlyList<SourcePair> List(SourceFolder root, int bands)
    {
        var folders = Below(root, Levels).ToList();
        var images = folders.Where(OscdCity.HasImages).ToLookup(folder => folder.Name, StringComparer.Ordinal);
        var masks = folders.Where(OscdCity.HasMask).ToLookup(folder => folder.Name, StringComparer.Ordinal);
        var cities = images
            .Select(city => OscdCity.Pair(city.Key, [.. city], [.. masks[city.Key]], bands))
            .OrderBy(pair => pair.Path, StringComparer.Ordinal)
            .ToList();
        return [.. WithLists(root, cities)];
    }

    /// <summary>Every city once per list that names it; a city that no list names, without a split, so that it is reported.</summary>
    private static IEnumerable<SourcePair> WithLists(SourceFolder root, IReadOnlyList<SourcePair> cities)
    {
        var byName = cities.ToDictionary(pair => pair.Path, StringComparer.Ordinal);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var split in LayoutDocument.KnownSplits.Keys.Order(StringComparer.Ordinal))
        {
            if (ListOf(root, split) is not { } list)
                continue;
            foreach (var entry in NameList.Read(list, commas: true))
            {
                named.Add(entry.Name);
                yield return byName.TryGetValue(entry.Name, out var pair)
                    ? pair with { Split = split }
                    : new SourcePair
                    {
                        Path = entry.Name,
                        Split = split,
                        Problem = $"{entry.Place}: there are no images of a city '{entry.Name}'. Correct the list, or add the city.",
                    };
            }
        }
        foreach (var pair in cities.Where(pair => !named.Contains(pair.Path)))
            yield return pair;
    }

    private static SourceFile? ListOf(SourceFolder root, string split)
    {
        var found = root.Folders().Prepend(root).Select(folder => folder.File($"{split}.txt")).OfType<SourceFile>().ToList();
        return found.Count <= 1
            ? found.FirstOrDefault()
            : throw new DatasetSourceException([$"{found[0].Path} and {found[1].Path} are both lists of '{split}'. Remove one."]);
    }

    private static IEnumerable<SourceFolder> Below(SourceFolder folder, int levels) =>
        levels == 0 ? [] : folder.Folders().Where(inner => inner.Name != "__MACOSX").SelectMany(inner => Below(inner, levels - 1).Prepend(inner));
}
