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
    public static ExperimentConfig ReadFile(string path, IReadOnlyList<string>? overrides = null)
    {
        var text = SourceText.ReadFile(path);
        return Read(text, path, Path.GetDirectoryName(Path.GetFullPath(path))!, overrides);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="fileName">
    /// Name for errors. <c>.json</c> is read as JSON and <c>.yaml</c>, <c>.yml</c> as YAML; any other as JSON when it starts with <c>{</c>.
    /// </param>
    /// <param name="baseFolder">Folder that relative paths are taken from, those of <paramref name="overrides"/> too.</param>
    /// <param name="overrides">Values of <c>--set</c>, each <c>path=value</c>; later ones win.</param>
    /// <exception cref="ConfigurationException">The config is wrong: every error with its line.</exception>
    public static ExperimentConfig Read(string text, string fileName, string baseFolder, IReadOnlyList<string>? overrides = null)
    {
        text = text.TrimStart('\uFEFF');
        return Read(text, fileName, IsJson(text, fileName), baseFolder, overrides ?? []);
    }

    /// <summary>Reads the stored form, in which every location is absolute.</summary>
    /// <param name="overrides">As those of <c>--set</c>, every location in them absolute.</param>
    internal static ExperimentConfig ReadStored(string json, IReadOnlyList<string>? overrides = null) =>
        Read(json, "stored config", isJson: true, baseFolder: null, overrides ?? []);

    private static ExperimentConfig Read(string text, string source, bool isJson, string? baseFolder, IReadOnlyList<string> overrides)
    {
        var errors = new ErrorList();
        Origin OriginAt(int line, int column) => new(source, line, column);

        if (SourceText.Problem(text) is var (line, column, problem))
            errors.Stop(OriginAt(line, column), "", problem);
        var root = isJson ? JsonTree.Read(text, OriginAt, errors) : YamlTree.Read(text, OriginAt, errors);
        if (root is not MappingNode document)
        {
            errors.Stop(root?.Origin ?? OriginAt(1, 1), "", root is null ? "is empty" : $"must be a mapping of keys (value was {PrintableText.Value(root)})");
            return null; // Stop never returns.
        }
        foreach (var option in overrides)
            ConfigOverride.Apply(option, document, errors);

        ExperimentTable.Root.TryRead(document, "", new ReadScope(errors, baseFolder, s_knownPaths), out var config);
        ExperimentRules.Check(config!, document, errors);
        errors.ThrowIfAny();
        ExperimentMatrix.Check(config!, document, errors);
        errors.ThrowIfAny();
        return config!;
    }

    private static bool IsJson(string text, string fileName) => Path.GetExtension(fileName).ToLowerInvariant() switch
    {
        ".json" => true,
        ".yaml" or ".yml" => false,
        _ => text.AsSpan().TrimStart().StartsWith("{"),
    };
}
