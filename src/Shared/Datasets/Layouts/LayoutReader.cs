using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Core.Configuration.Schema;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>Reads the document of a layout, as configs are read: bounded, and with every error at its line.</summary>
internal static class LayoutReader
{
    private const int MostDepth = 8;
    private const int MostForms = 8;

    private static readonly IReadOnlyList<string> s_keys =
        ["about", "folders", "before", "after", "mask", "splits", "split", "lists", "suffixes", "depth", "bands", "rule", "finder"];

    /// <exception cref="ConfigurationException">The file cannot be read, or the document is wrong: every error with its line.</exception>
    public static LayoutDocument ReadFile(string path) => Read(SourceText.ReadFile(path), path, Path.GetFileNameWithoutExtension(path));

    /// <param name="source">What errors call the document.</param>
    /// <param name="name">The layout's name.</param>
    /// <exception cref="ConfigurationException">The document is wrong: every error with its line.</exception>
    public static LayoutDocument Read(string text, string source, string name)
    {
        var errors = new ErrorList();
        text = text.TrimStart('\uFEFF');
        Origin OriginAt(int line, int column) => new(source, line, column);
        if (SourceText.Problem(text) is var (line, column, problem))
            errors.Stop(OriginAt(line, column), "", problem);
        var root = Tree(text, OriginAt, errors);
        if (root is not MappingNode mapping)
        {
            errors.Stop(
                root?.Origin ?? OriginAt(1, 1), "", root is null ? "is empty" : $"must be a mapping of keys (value was {PrintableText.Value(root)})",
                "changedetection dataset layouts sysu prints a layout to begin from.");
            return null; // Stop never returns.
        }
        var keys = new LayoutKeys(mapping, "", s_keys, errors);
        var document = new LayoutDocument
        {
            Name = name,
            Text = text,
            About = keys.Text("about"),
            Folders = keys.Text("folders"),
            Splits = LayoutSplits.Read(keys) ?? LayoutDocument.KnownSplits,
            Split = LayoutSplits.ReadDefault(keys),
            Suffixes = Suffixes(keys) ?? SourceFolder.ImageSuffixes,
            Depth = keys.Number("depth", 1, MostDepth) ?? 1,
            Bands = keys.Texts("bands"),
            Finder = keys.Word("finder", [DocumentLayout.OscdFinder]),
            Rule = keys.Find("rule") is ScalarNode ? keys.Word("rule", CodedRules.Words) : null,
            Masks = keys.Find("rule") is { } rule and not ScalarNode ? LayoutMasksReader.Read(rule, errors) : null,
        };
        document = document with { Forms = Forms(keys, document) };
        document = document with { Lists = Lists(keys, document) };
        errors.ThrowIfAny();
        return document;
    }

    /// <summary>The document as YAML; where it is none because of a template without quotes, that is said.</summary>
    private static ConfigNode? Tree(string text, Func<int, int, Origin> originAt, ErrorList errors)
    {
        try
        {
            return YamlTree.Read(text, originAt, errors);
        }
        catch (ConfigurationException invalid)
        {
            var lines = text.Split('\n');
            throw new ConfigurationException(
                [.. invalid.Errors.Select(error => error.Line is { } line && line <= lines.Length && lines[line - 1].AsSpan().ContainsAny('{', '*')
                    ? error with { Suggestion = error.Suggestion ?? "Put a template in quotes, such as \"{split}/A/{name}.{image}\"." } : error)],
                invalid);
        }
    }

    private static IReadOnlyList<LayoutForm> Forms(LayoutKeys keys, LayoutDocument document)
    {
        string[] roles = ["before", "after", "mask"];
        if (document.Finder is not null)
        {
            foreach (var role in roles.Append("lists").Where(role => keys.Find(role) is not null))
                keys.Wrong(role, $"stands beside finder: {document.Finder}, which knows where its files are", "Leave one of the two out.");
            if (document.Folders is null)
                keys.Wrong("finder", "needs folders beside it: a line that says where the files are");
            return [];
        }
        var templates = roles.Select(role => keys.Templates(role, MostForms)).ToList();
        foreach (var role in roles.Take(2).Where(role => keys.Find(role) is null))
            keys.Missing(role, "It says where the images are, such as \"{split}/A/{name}.{image}\".");
        if (templates[0] is not { } before || templates[1] is not { } after || templates[2] is null && keys.Find("mask") is not null)
            return [];
        var count = templates.Max(some => some?.Count ?? 0);
        foreach (var (role, some) in roles.Zip(templates).Where(one => one.Second is { } some && some.Count != 1 && some.Count != count))
            keys.Wrong(role, $"has {some!.Count} templates where another has {count}: the first of each belong together, then the second", "Write as many.");
        if (templates.Any(some => some is not null && some.Count != 1 && some.Count != count))
            return [];
        var forms = Enumerable.Range(0, count)
            .Select(at => new LayoutForm(At(before, at), At(after, at), templates[2] is { } mask ? At(mask, at) : null)).ToList();
        foreach (var form in forms)
            Check(form, keys);
        return forms;

        static PathTemplate At(IReadOnlyList<PathTemplate> some, int at) => some[some.Count == 1 ? 0 : at];
    }

    private static void Check(LayoutForm form, LayoutKeys keys)
    {
        var all = form.Placeholders;
        if (all.Count == 0)
            keys.Wrong("before", "has no placeholder, so that there is one pair without a name", "Write {name} where the pairs differ.");
        else if (!form.Roles.Any(role => role.Template.Placeholders.Count == all.Count))
            keys.Wrong(
                "before", $"and the other templates share the placeholders {string.Join(", ", all.Select(name => $"{{{name}}}"))}, and none has them all",
                "One template has to tell a pair by itself; the others are found by the placeholders that they have." + Slip(form));
        if (form.Before.Text == form.After.Text)
            keys.Wrong("after", "is the template of before, so that both dates would be one file");
    }

    /// <summary>A placeholder of one template alone that is nearly another's; empty where there is none.</summary>
    private static string Slip(LayoutForm form)
    {
        var counts = form.Roles.SelectMany(role => role.Template.Placeholders).CountBy(name => name, StringComparer.Ordinal).ToList();
        var shared = counts.Where(name => name.Value > 1).Select(name => name.Key).ToList();
        return counts.Where(name => name.Value == 1).Select(name => (name.Key, Near: NearestName.Find(name.Key, shared)))
            .Where(name => name.Near is not null).Select(name => $" Is {{{name.Key}}} meant to be {{{name.Near}}}?").FirstOrDefault("");
    }

    private static PathTemplate? Lists(LayoutKeys keys, LayoutDocument document)
    {
        if (keys.Templates("lists", 1) is not [var lists])
            return null;
        if (!lists.Placeholders.SequenceEqual([PathTemplate.Split]))
            keys.Wrong("lists", "must hold {split} and no other placeholder: there is a list for each split", "Write for example \"list/{split}.txt\".");
        else if (document.Forms.All(form => form.Placeholders.Contains(PathTemplate.Split)) && document.Forms.Count > 0)
            keys.Wrong("lists", "stands beside templates that all have {split}, so that folders say already which split a pair is of", "Leave it out.");
        return lists;
    }

    /// <summary>Suffixes, the word <c>any</c> for all others that are read.</summary>
    private static List<string>? Suffixes(LayoutKeys keys)
    {
        if (keys.Texts("suffixes") is not { } words)
            return null;
        var suffixes = words.Where(word => word != "any").Select(word => word.TrimStart('.').ToLowerInvariant()).ToList();
        if (suffixes.Find(suffix => !SourceFolder.ImageSuffixes.Contains(suffix)) is { } unknown)
            keys.Wrong(
                "suffixes", $"has '{PrintableText.Text(unknown)}', which is no format that is read",
                $"There are: {string.Join(", ", SourceFolder.ImageSuffixes)}; and any, for all others of these.");
        return words.Contains("any") ? [.. suffixes.Union(SourceFolder.ImageSuffixes)] : suffixes;
    }
}
