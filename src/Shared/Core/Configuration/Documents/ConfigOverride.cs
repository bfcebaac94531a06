namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>
/// One <c>--set path=value</c>: puts a value into the document before the schema reads it, so that it meets the same rules as the file.
/// The value is a YAML scalar or flow collection; a path that the schema does not know is reported as an unknown key of this option.
/// </summary>
internal static class ConfigOverride
{
    public static void Apply(string option, MappingNode document, ErrorList errors)
    {
        var origin = new Origin($"--set {PrintableText.Text(option)}");
        var equals = option.IndexOf('=', StringComparison.Ordinal);
        var path = option[..Math.Max(equals, 0)].Trim();
        var keys = path.Split('.');
        if (keys.Any(key => key.Length == 0) || keys.Length > NodeBuilder.MaxDepth)
        {
            errors.Add(origin, "", "must be path=value", "For example --set train.epochs=10.");
            return;
        }
        if (Parse(option[(equals + 1)..], origin, errors) is not { } value)
            return;
        var mapping = document;
        foreach (var key in keys[..^1])
        {
            if (mapping.Find(key)?.Value is not MappingNode below)
            {
                // The file leaves the section out, or says none: the option opens it.
                below = new MappingNode(origin);
                mapping.Set(new MappingEntry(key, origin, below));
            }
            mapping = below;
        }
        mapping.Set(new MappingEntry(keys[^1], origin, value));
    }

    /// <summary>Null when the value was wrong in itself, which has then been reported.</summary>
    private static ConfigNode? Parse(string text, Origin origin, ErrorList errors)
    {
        if (SourceText.Problem(text) is { } problem)
        {
            errors.Add(origin, "", problem.Message);
            return null;
        }
        var own = new ErrorList();
        try
        {
            var value = YamlTree.Read(text, (_, _) => origin, own) ?? new ScalarNode(origin, ScalarKind.Empty, "");
            own.ThrowIfAny();
            return value;
        }
        catch (ConfigurationException invalid)
        {
            // Gathered with the rest: a slip in one option hides no error of the file.
            foreach (var error in invalid.Errors)
                errors.Add(origin, error.Path, error.Message, error.Suggestion);
            return null;
        }
    }
}
