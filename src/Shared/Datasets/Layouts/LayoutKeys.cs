using System.Globalization;
using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Core.Configuration.Schema;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>The keys of a mapping in a layout's document, read one by one; what is wrong is added to the errors, and read as null.</summary>
internal sealed class LayoutKeys
{
    private readonly MappingNode _mapping;
    private readonly string _prefix;

    /// <param name="path">Of the mapping; empty for the document.</param>
    /// <param name="known">Its keys: any other is an error.</param>
    public LayoutKeys(MappingNode mapping, string path, IReadOnlyList<string> known, ErrorList errors)
    {
        (_mapping, _prefix, Errors) = (mapping, path.Length == 0 ? "" : $"{path}.", errors);
        foreach (var entry in mapping.Entries.Where(entry => !known.Contains(entry.Key)))
            errors.Add(
                entry.KeyOrigin, _prefix + PrintableText.Text(entry.Key), "is not a known key",
                NearestName.Suggest(entry.Key, known) ?? $"{(path.Length == 0 ? "A layout" : path)} takes {string.Join(", ", known)}.");
    }

    public ErrorList Errors { get; }

    /// <summary>The value of a key; null where it is not there, or was refused already.</summary>
    public ConfigNode? Find(string key) => _mapping.Find(key)?.Value is { } node and not RefusedNode ? node : null;

    public void Missing(string key, string suggestion) => Errors.Add(_mapping.Origin, _prefix + key, "is required and missing", suggestion);

    /// <summary>Something is wrong with the value of a key that is there.</summary>
    public void Wrong(string key, string message, string? suggestion = null) =>
        Errors.Add(_mapping.Find(key)?.Value.Origin ?? _mapping.Origin, _prefix + key, message, suggestion);

    public string? Text(string key) => Find(key) is { } node ? TextOf(node, key, "a text in one line") : null;

    /// <summary>A text or number of one value.</summary>
    public string? TextOf(ConfigNode node, string key, string rule)
    {
        if (node is ScalarNode { Kind: ScalarKind.Text or ScalarKind.Number, Text: { Length: > 0 } text } && !text.Contains('\n', StringComparison.Ordinal))
            return text;
        Errors.Add(node.Origin, _prefix + key, $"must be {rule} (value was {PrintableText.Value(node)})");
        return null;
    }

    /// <summary>One of several words.</summary>
    public string? Word(string key, IReadOnlyCollection<string> words)
    {
        if (Find(key) is not { } node)
            return null;
        if (node is ScalarNode { Kind: ScalarKind.Text, Text: var text } && words.Contains(text))
            return text;
        Wrong(key, $"must be {string.Join(" or ", words)} (value was {PrintableText.Value(node)})");
        return null;
    }

    public int? Number(string key, int least, int most)
    {
        if (Find(key) is not { } node)
            return null;
        if (node is ScalarNode { Kind: ScalarKind.Number, Text: var text }
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Wrong(key, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most} (value was {PrintableText.Value(node)})"));
        return null;
    }

    /// <summary>A list of texts, or one text.</summary>
    public IReadOnlyList<string>? Texts(string key)
    {
        if (Find(key) is not { } node)
            return null;
        if (node is not SequenceNode list)
            return TextOf(node, key, "a list of words") is { } one ? [one] : null;
        var texts = list.Items.Select((item, at) => TextOf(item, $"{key}[{at}]", "a word")).OfType<string>().ToList();
        if (list.Items.Count == 0)
            Wrong(key, "is an empty list", "Write what belongs into it, or leave the key out.");
        return texts.Count == list.Items.Count && texts.Count > 0 ? texts : null;
    }

    /// <summary>A template, or a list of them.</summary>
    public IReadOnlyList<PathTemplate>? Templates(string key, int most)
    {
        if (Find(key) is not { } node)
            return null;
        var items = node is SequenceNode list ? list.Items : [node];
        if (items.Count == 0 || items.Count > most)
        {
            Wrong(key, string.Create(CultureInfo.InvariantCulture, $"must be a template, or a list of at most {most}"));
            return null;
        }
        var templates = new List<PathTemplate>();
        foreach (var item in items)
        {
            if (TextOf(item, key, "a template in quotes, such as \"{split}/A/{name}.{image}\"") is not { } text)
                continue;
            var (template, problem) = PathTemplate.Parse(text);
            if (template is not null)
                templates.Add(template);
            else
                Errors.Add(item.Origin, _prefix + key, $"{problem} (value was {PrintableText.Value(item)})");
        }
        return templates.Count == items.Count ? templates : null;
    }
}
