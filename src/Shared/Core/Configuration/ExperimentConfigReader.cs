using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Core.Configuration.Schema;

namespace ChangeDetection.Core.Configuration;

/// <summary>
/// Reads an experiment config from YAML or JSON and checks every rule. Memory and time are bounded whatever the text: 1 MiB, 32 levels,
/// no aliases, anchors, tags or merge keys.
/// </summary>
public static class ExperimentConfigReader
{
    private static readonly IReadOnlyList<string> s_knownPaths = [.. ExperimentTable.Root.PathsBelow];

    /// <summary>Reads a file. Relative paths in it are taken from its folder.</summary>
    /// <param name="overrides">Values of <c>--set</c>, each <c>path=value</c>; later ones win.</param>
    /// <exception cref="ConfigurationException">The file cannot be read, or the config is wrong: every error with its line.</exception>
    public static ExperimentConfig ReadFile(string path, IReadOnlyList<string>? overrides = null) => ReadFileWithPlaces(path, overrides).Require();

    /// <summary>The same for one who has more to check: wrong values are not thrown yet.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, or is no document that keys could be looked for in.</exception>
    public static PlacedConfig ReadFileWithPlaces(string path, IReadOnlyList<string>? overrides = null) =>
        ReadWithPlaces(SourceText.ReadFile(path), path, Path.GetDirectoryName(Path.GetFullPath(path))!, overrides);

    /// <summary>Reads a text.</summary>
    /// <param name="fileName">
    /// Name for errors. <c>.json</c> is read as JSON and <c>.yaml</c>, <c>.yml</c> as YAML; any other as JSON when it starts with <c>{</c>.
    /// </param>
    /// <param name="baseFolder">Folder that relative paths are taken from, those of <paramref name="overrides"/> too.</param>
    /// <param name="overrides">Values of <c>--set</c>, each <c>path=value</c>; later ones win.</param>
    /// <exception cref="ConfigurationException">The config is wrong: every error with its line.</exception>
    public static ExperimentConfig Read(string text, string fileName, string baseFolder, IReadOnlyList<string>? overrides = null) =>
        ReadWithPlaces(text, fileName, baseFolder, overrides).Require();

    /// <inheritdoc cref="ReadFileWithPlaces"/>
    internal static PlacedConfig ReadWithPlaces(string text, string fileName, string baseFolder, IReadOnlyList<string>? overrides)
    {
        text = text.TrimStart('\uFEFF');
        return Read(text, fileName, IsJson(text, fileName), baseFolder, overrides ?? []);
    }

    /// <summary>Reads the stored form, in which every location is absolute.</summary>
    /// <param name="overrides">As those of <c>--set</c>, every location in them absolute.</param>
    internal static ExperimentConfig ReadStored(string json, IReadOnlyList<string>? overrides = null) =>
        Read(json, "stored config", isJson: true, baseFolder: null, overrides ?? []).Require();

    private static PlacedConfig Read(string text, string source, bool isJson, string? baseFolder, IReadOnlyList<string> overrides)
    {
        var errors = new ErrorList();
        Origin OriginAt(int line, int column) => new(source, line, column);

        if (SourceText.Problem(text) is var (line, column, problem))
            errors.Stop(OriginAt(line, column), "", problem);
        if (!isJson && ForeignConfig.OfPython(text) is { } script)
            errors.Stop(OriginAt(script.Line, 1), "", script.Message, script.Remedy);
        var root = isJson ? JsonTree.Read(text, OriginAt, errors) : YamlTree.Read(text, OriginAt, errors);
        if (root is not MappingNode document)
        {
            errors.Stop(root?.Origin ?? OriginAt(1, 1), "", root is null ? "is empty" : $"must be a mapping of keys (value was {PrintableText.Value(root)})");
            return null; // Stop never returns.
        }
        if (ForeignConfig.Of(document) is { } foreign)
            errors.Stop(foreign.Origin, "", foreign.Message, foreign.Remedy);
        foreach (var option in overrides)
            ConfigOverride.Apply(option, document, errors);

        ExperimentTable.Root.TryRead(document, "", new ReadScope(errors, baseFolder, s_knownPaths), out var config);
        ExperimentRules.Check(config!, document, errors);
        // Each combination breaks what the config itself breaks.
        if (errors.Count == 0)
            ExperimentMatrix.Check(config!, document, errors);
        return new(config!, document, errors);
    }

    private static bool IsJson(string text, string fileName) => Path.GetExtension(fileName).ToLowerInvariant() switch
    {
        ".json" => true,
        ".yaml" or ".yml" => false,
        _ => text.AsSpan().TrimStart().StartsWith("{"),
    };
}
