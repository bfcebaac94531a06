namespace ChangeDetection.Core.Planning;

/// <summary>What the files of a batch are called: a folder for each kind of map, so that no file of a pair can be another's.</summary>
public static class BatchFiles
{
    /// <summary>The table of all pairs.</summary>
    public const string Summary = "summary.csv";

    private const int LongestName = 512;

    /// <summary>Folder and ending by the output's name among those of a single pair.</summary>
    private static readonly Dictionary<string, (string Folder, string Ending)> s_places = new(StringComparer.Ordinal)
    {
        [PredictionOutputs.Classes.Name] = ("change", ".tif"),
        [PredictionOutputs.Probability.Name] = ("probability", ".tif"),
        [PredictionOutputs.Polygons.Name] = ("polygons", ".geojson"),
        [PredictionOutputs.Overlay.Name] = ("overlay", ".png"),
    };

    /// <summary>Where a pair's file goes, with slashes, below the folder of the batch.</summary>
    public static string Path(PredictionOutput output, string pair)
    {
        var (folder, ending) = s_places[output.Name];
        return $"{folder}/{pair}{ending}";
    }

    /// <summary>Whether a path is one of <see cref="Path"/>: that of an archive may be anything.</summary>
    public static bool IsPath(string path) =>
        s_places.Values.Any(place => path.StartsWith($"{place.Folder}/", StringComparison.Ordinal) && path.EndsWith(place.Ending, StringComparison.Ordinal)
            && path.Length > place.Folder.Length + 1 + place.Ending.Length
            && NameProblem(path[(place.Folder.Length + 1)..^place.Ending.Length]) is null);

    /// <summary>What is wrong with a pair's name, as the end of a sentence; null where nothing is. It becomes a path on somebody's disk.</summary>
    public static string? NameProblem(string name) =>
        name.Length is 0 or > LongestName ? $"has a name of {name.Length} characters; there may be 1 to {LongestName}"
        : name.Any(char.IsControl) || name.Contains('\\', StringComparison.Ordinal) ? "has a control character or a backslash in its name"
        : name.Split('/').Any(part => part is "" or "." or "..") ? "has an empty part in its name, or one that leaves its folder"
        : null;
}
