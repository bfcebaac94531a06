using System.Globalization;
using System.Text.RegularExpressions;

namespace ChangeDetection.Datasets.Splitting;

/// <summary>
/// Names that end in two numbers, such as <c>abudhabi_3_7</c> or <c>scene-r0-c256</c>, are most often tiles of a scene. Divided one by one, tiles that lie
/// side by side come to be trained on and tested on.
/// </summary>
internal static partial class TileNames
{
    /// <param name="splits">The split of each pair, by its path.</param>
    /// <returns>A warning with the group that would keep them together; null where the names are no tiles', or no scene is in two splits.</returns>
    public static string? Warning(IReadOnlyDictionary<string, string> splits)
    {
        var first = splits.Keys.Order(StringComparer.Ordinal).FirstOrDefault();
        if (first is null || Tile().Match(first) is not { Success: true } match)
            return null;
        var folders = string.Concat(Enumerable.Repeat("*/", match.Groups["folders"].Value.Count(letter => letter == '/')));
        var pattern = GroupPattern.Parse($"{folders}{{scene}}{Digits().Replace(match.Groups["place"].Value, "#")}");
        var scenes = splits.Select(pair => (Path: pair.Key, Split: pair.Value, Scene: pattern.GroupOf(pair.Key)))
            .GroupBy(pair => pair.Scene).ToList();
        // One scene alone cannot be divided in any other way, and most names having their own says that they are no tiles.
        if (scenes.Any(scene => scene.Key is null) || scenes.Count < 2 || scenes.Count > splits.Count / 2)
            return null;
        var divided = scenes.Where(scene => scene.Select(pair => pair.Split).Distinct().Count() > 1)
            .OrderBy(scene => scene.Key, StringComparer.Ordinal).ToList();
        if (divided.Count == 0)
            return null;
        var examples = divided[0].OrderBy(pair => pair.Path, StringComparer.Ordinal).DistinctBy(pair => pair.Split).Take(2)
            .Select(pair => $"{pair.Path} in {pair.Split}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Names look like tiles of {scenes.Count} scenes, and {divided.Count} of them are in several splits ({string.Join(", ", examples)}): what was " +
            $"learned of a scene would be scored on it. --group '{pattern}' keeps the tiles of a scene together");
    }

    [GeneratedRegex(@"^(?<folders>(?:[^/]*/)*)(?<scene>[^/]*[^/_\-0-9][^/]*?)(?<place>[_-][a-z]?[0-9]+[_-][a-z]?[0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Tile();

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();
}
