namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>
/// A config that was read, with the places where its values stand and the errors found so far: what does not fit a data set is told together with them,
/// and as they are.
/// </summary>
public sealed class PlacedConfig
{
    private readonly MappingNode _document;
    private readonly ErrorList _errors;

    /// <summary>Errors of the config by itself.</summary>
    private readonly int _own;

    internal PlacedConfig(ExperimentConfig config, MappingNode document, ErrorList errors) =>
        (Config, _document, _errors, _own) = (config, document, errors, errors.Count);

    /// <summary>What was read. Where a value is wrong by itself, its default stands here.</summary>
    public ExperimentConfig Config { get; }

    /// <summary>Whether the config is wrong by itself.</summary>
    public bool IsWrong => _own > 0;

    /// <summary>Whether a value at the path, one below it or one that holds it is wrong by itself: nothing that rests on it can be judged.</summary>
    public bool IsWrongAt(string path) => _errors.Touch(path, _own);

    /// <summary>The text of a single value as it was written; null where there is none.</summary>
    public string? TextAt(string path) => _document.FindAt(path) is ScalarNode scalar ? scalar.Text : null;

    /// <summary>Adds an error, unless a key that decides is wrong by itself: then it would mislead.</summary>
    public void Add(ConfigViolation violation)
    {
        string[] paths = [violation.Path, .. violation.With];
        if (!paths.Any(IsWrongAt))
            _errors.Add(Place(paths), violation.Path, violation.Message, violation.Remedy);
    }

    /// <summary>The config, when nothing is wrong with it.</summary>
    /// <exception cref="ConfigurationException">Something is: all errors, in the order of their places.</exception>
    public ExperimentConfig Require()
    {
        _errors.ThrowIfAny();
        return Config;
    }

    /// <summary>The first of the keys that is written; else the section that the first one would stand in.</summary>
    private Origin Place(string[] paths)
    {
        for (var section = paths[0]; section.LastIndexOf('.') is > 0 and var dot; section = section[..dot])
            paths = [.. paths, section[..dot]];
        return paths.Select(path => _document.OriginOf(path)).FirstOrDefault(origin => origin is not null) ?? _document.Origin;
    }
}
