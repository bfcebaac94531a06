using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>A layout that a document describes.</summary>
/// <param name="bands">How many bands of each date are taken, where code finds them; null for its usual number.</param>
internal sealed class DocumentLayout(LayoutDocument document, int? bands = null) : IDatasetLayout
{
    private const int UsualBands = 3;

    /// <summary>The word of a document for the code that finds OSCD's pairs.</summary>
    public const string OscdFinder = "oscd-cities";

    public string Name => document.Name;

    public string Folders => LayoutText.Folders(document);

    public IReadOnlyList<string>? Bands => document.Finder is null ? document.Bands : SentinelBands.Names(bands ?? UsualBands);

    public LayoutMasks? Masks => document.Masks;

    public MaskRule? ChangeBy(IReadOnlyCollection<long> values) => document.Rule is { } word ? CodedRules.Change(word, values) : null;

    public string? Mismatch(string source)
    {
        var root = SourceFolder.Open(source);
        var values = new Dictionary<string, string> { [PathTemplate.Split] = SplitIn(root) };
        return document.Forms.Select(form => NearestFile.To(root, form.Before.Fill(values), new HashSet<string>())).FirstOrDefault(near => near is not null)
            ?? $"{NearestFile.Holds(root)}.";
    }

    /// <summary>A folder of a split that is there or nearly so: then what is looked for is what is not there.</summary>
    private string SplitIn(SourceFolder root)
    {
        var words = document.Splits.Keys.OrderBy(word => word != "train").ToList();
        return words.Find(word => root.Folder(word) is not null)
            ?? words.Find(word => root.Folders().Any(folder => folder.Name.Contains(word, StringComparison.OrdinalIgnoreCase)))
            ?? words[0];
    }

    public IReadOnlyList<SourcePair> List(string source)
    {
        var root = SourceFolder.Open(source);
        return document.Finder is null ? TemplatePairs.List(document, root)
            : OscdCities.List(root, bands ?? UsualBands) is { Count: > 0 } cities ? cities
            : throw new PackRequestException($"SOURCE {source} holds no city of the layout '{Name}', which is {Folders}.");
    }
}
