using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// Onera Satellite Change Detection (Daudt et al., IGARSS 2018): images <c>CITY/imgs_1/*.tif</c> and <c>CITY/imgs_2/*.tif</c>, a Sentinel-2 band in each file;
/// masks <c>CITY/cm/CITY-cm.tif</c> or <c>cm.png</c>. The two trees, and the test cities' masks, come in folders of any name; the lists of cities,
/// <c>train.txt</c> and <c>test.txt</c>, lie beside them or in one of them.
/// </summary>
internal sealed class OscdLayout : IDatasetLayout
{
    public const string LayoutName = "oscd";
    /// <summary>Below the source: the folder of images or masks, and the city.</summary>
    private const int Levels = 2;
    private static readonly MaskRule s_two = MaskRule.TryParse("2")!, s_bright = MaskRule.TryParse("> 127")!;
    private static readonly MaskRule s_twoOrBright = MaskRule.TryParse("2,128-255")!;

    private readonly int _bands;

    public OscdLayout(int bands = 3) => (_bands, Bands) = (bands, SentinelBands.Names(bands));

    public string Name => LayoutName;

    public string Folders => "{any}/CITY/{imgs_1,imgs_2}/*_B??.tif and {any}/CITY/cm/{CITY-cm.tif,cm.png}, with train.txt and test.txt; takes --bands";

    public IReadOnlyList<string>? Bands { get; }

    /// <summary>
    /// The masks as TIFF hold 1 for no change and 2 for change, although their README says 0 and 1; those as PNG are black and white, some with greys between.
    /// </summary>
    public MaskRule? ChangeBy(IReadOnlyCollection<long> values) => values.Any(value => value is < 0 or > byte.MaxValue) ? null
        : values.All(value => value is 1 or 2) ? (values.Contains(2) ? s_two : null)
        : values.Contains(1) && values.Contains(2) && values.Any(value => value > byte.MaxValue / 2) ? s_twoOrBright
        : values.Contains(0) && values.Any(value => value > byte.MaxValue / 2) ? s_bright
        : null;

    public IReadOnlyList<SourcePair> List(string source)
    {
        var root = SourceFolder.Open(source);
        var folders = Below(root, Levels).ToList();
        var images = folders.Where(OscdCity.HasImages).ToLookup(folder => folder.Name, StringComparer.Ordinal);
        var masks = folders.Where(OscdCity.HasMask).ToLookup(folder => folder.Name, StringComparer.Ordinal);
        if (images.Count == 0)
            throw new PackRequestException($"SOURCE {source} holds no city of the layout '{Name}', which is {Folders}.");
        var cities = images
            .Select(city => OscdCity.Pair(city.Key, [.. city], [.. masks[city.Key]], _bands))
            .OrderBy(pair => pair.Path, StringComparer.Ordinal)
            .ToList();
        return [.. WithLists(root, cities)];
    }

    /// <summary>Every city once per list that names it; a city that no list names, without a split, so that it is reported.</summary>
    private static IEnumerable<SourcePair> WithLists(SourceFolder root, IReadOnlyList<SourcePair> cities)
    {
        var byName = cities.ToDictionary(pair => pair.Path, StringComparer.Ordinal);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var split in SplitFolders.Names)
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
