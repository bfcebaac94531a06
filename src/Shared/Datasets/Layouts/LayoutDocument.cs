namespace ChangeDetection.Datasets.Layouts;

/// <summary>A layout as it is written down; docs/datasets.md describes the document.</summary>
internal sealed record LayoutDocument
{
    /// <summary>Of a built-in one its name; else the file's without its ending.</summary>
    public required string Name { get; init; }
    /// <summary>The document itself.</summary>
    public required string Text { get; init; }
    /// <summary>Whose data set it is, in a line.</summary>
    public string? About { get; init; }
    /// <summary>The folders in a line, for people; null where the templates say enough.</summary>
    public string? Folders { get; init; }
    /// <summary>Where the files are, in one way or another; empty where code finds the pairs.</summary>
    public IReadOnlyList<LayoutForm> Forms { get; init; } = [];
    /// <summary>The words that <c>{split}</c> stands for, each with the split that it means.</summary>
    public IReadOnlyDictionary<string, string> Splits { get; init; } = KnownSplits;
    /// <summary>The split of pairs that nothing else puts into one; null leaves them out.</summary>
    public string? Split { get; init; }
    /// <summary>Where the lists are that say which pair is of which split; null where there are none.</summary>
    public PathTemplate? Lists { get; init; }
    /// <summary>What <c>{image}</c> stands for, without dots, the published one first.</summary>
    public IReadOnlyList<string> Suffixes { get; init; } = SourceFolder.ImageSuffixes;
    /// <summary>How many folders deep <c>{name}</c> may go.</summary>
    public int Depth { get; init; } = 1;
    /// <summary>What the channels of an image are; null where that is not known.</summary>
    public IReadOnlyList<string>? Bands { get; init; }
    /// <summary>What the values of masks mean; null where nothing is said.</summary>
    public LayoutMasks? Masks { get; init; }
    /// <summary>The word for a rule in code; null where there is none.</summary>
    public string? Rule { get; init; }
    /// <summary>The word for code that finds the pairs; null where templates do.</summary>
    public string? Finder { get; init; }

    /// <summary>The splits of a document that names none.</summary>
    public static IReadOnlyDictionary<string, string> KnownSplits { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["test"] = "test", ["train"] = "train", ["val"] = "val" };
}

/// <summary>One way in which the files of a layout lie.</summary>
/// <param name="Mask">Null where the layout has no masks.</param>
internal sealed record LayoutForm(PathTemplate Before, PathTemplate After, PathTemplate? Mask)
{
    /// <summary>The templates with what each is of.</summary>
    public IReadOnlyList<(LayoutRole Role, PathTemplate Template)> Roles { get; } =
        Mask is null ? [(LayoutRole.Before, Before), (LayoutRole.After, After)]
        : [(LayoutRole.Before, Before), (LayoutRole.After, After), (LayoutRole.Mask, Mask)];

    /// <summary>All placeholders but that of the suffix: as the first template has them that has all, else as they appear.</summary>
    public IReadOnlyList<string> Placeholders
    {
        get
        {
            var all = Roles.SelectMany(role => role.Template.Placeholders).Distinct(StringComparer.Ordinal).ToList();
            return Roles.Select(role => role.Template.Placeholders).FirstOrDefault(some => some.Count == all.Count) ?? all;
        }
    }
}

/// <summary>What a file of a pair is.</summary>
internal enum LayoutRole { Before, After, Mask }
