using System.Globalization;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>The layouts that are built in, a document each, and those of files of the user's.</summary>
public static class DatasetLayouts
{
    private const string Ending = ".yaml";
    private const string Prefix = "layouts/";

    /// <summary>Read when it is asked for: every verb of the command line names them in its help, and none needs more than one.</summary>
    private static readonly SortedDictionary<string, Lazy<LayoutDocument>> s_builtIn = new(
        typeof(DatasetLayouts).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(
                name => name[Prefix.Length..^Ending.Length],
                name => new Lazy<LayoutDocument>(() => LayoutReader.Read(TextOf(name), name, name[Prefix.Length..^Ending.Length]))),
        StringComparer.Ordinal);

    /// <summary>Those that are built in, by their names.</summary>
    public static IReadOnlyList<IDatasetLayout> All => [.. s_builtIn.Values.Select(document => new DocumentLayout(document.Value))];

    /// <summary>The names of those that are built in, for messages.</summary>
    public static string Names => string.Join(", ", s_builtIn.Keys);

    /// <param name="name">The name of one that is built in, or the path of a document: with a slash, or ending in <c>.yaml</c> or <c>.yml</c>.</param>
    /// <param name="bands">How many bands of each date are taken, where the layout has a choice; null for its usual number.</param>
    /// <exception cref="PackRequestException">There is no such layout, or it has no such choice of bands.</exception>
    /// <exception cref="Core.Configuration.ConfigurationException">The document cannot be read, or is wrong: every error with its line.</exception>
    public static IDatasetLayout Find(string name, int? bands = null)
    {
        var document = DocumentOf(name);
        if (bands is not { } count)
            return new DocumentLayout(document);
        if (document.Finder is null)
            throw new PackRequestException(string.Create(
                CultureInfo.InvariantCulture,
                $"--bands {count} chooses among the bands of the layout '{Oscd}'; images of '{document.Name}' are packed with all of theirs. Leave it out."));
        return SentinelBands.Counts.Contains(count)
            ? new DocumentLayout(document, count)
            : throw new PackRequestException($"--bands {count}: the layout '{document.Name}' is packed with {string.Join(", ", SentinelBands.Counts)} bands.");
    }

    /// <summary>The document of a layout, as it is written.</summary>
    /// <param name="name">As of <see cref="Find"/>.</param>
    /// <exception cref="PackRequestException">There is no such layout.</exception>
    /// <exception cref="Core.Configuration.ConfigurationException">The document cannot be read, or is wrong.</exception>
    public static string TextOfDocument(string name) => DocumentOf(name).Text;

    /// <summary>Whose data set a layout is of, in a line; null where its document does not say.</summary>
    public static string? About(string name) => DocumentOf(name).About;

    private static string Oscd => s_builtIn.First(layout => layout.Value.Value.Finder is not null).Key;

    private static LayoutDocument DocumentOf(string name) =>
        name.Contains('/', StringComparison.Ordinal) || Path.GetExtension(name).ToLowerInvariant() is Ending or ".yml"
            ? LayoutReader.ReadFile(name)
            : s_builtIn.TryGetValue(name, out var document) ? document.Value : throw new PackRequestException(
                $"There is no layout '{name}'. There are: {Names}; or give the file of one of your own, such as ./{name}.yaml " +
                "(changedetection dataset layouts NAME prints one to begin from).");

    private static string TextOf(string resource)
    {
        using var text = new StreamReader(typeof(DatasetLayouts).Assembly.GetManifestResourceStream(resource)!);
        return text.ReadToEnd();
    }
}
