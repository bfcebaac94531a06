namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>A value of a configuration document with the place where it was written. YAML, JSON and <c>--set</c> all end in this tree.</summary>
internal abstract class ConfigNode(Origin origin)
{
    public Origin Origin { get; } = origin;
}

/// <summary>What a scalar is by its notation: YAML 1.2's core schema for plain scalars, JSON's own types.</summary>
internal enum ScalarKind
{
    /// <summary>A key with nothing behind it.</summary>
    Empty,
    Null,
    Boolean,
    /// <summary>A decimal number. The text is kept: the schema decides which numbers it takes.</summary>
    Number,
    /// <summary>YAML's <c>.nan</c> and <c>.inf</c>, which no setting takes.</summary>
    NotFinite,
    Text,
}

internal sealed class ScalarNode(Origin origin, ScalarKind kind, string text) : ConfigNode(origin)
{
    public ScalarKind Kind { get; } = kind;
    public string Text { get; } = text;
}

internal sealed class SequenceNode(Origin origin) : ConfigNode(origin)
{
    public List<ConfigNode> Items { get; } = [];
}

/// <summary>A value already reported as an error (an alias, a tagged value); readers pass over it silently.</summary>
internal sealed class RefusedNode(Origin origin) : ConfigNode(origin);

/// <param name="KeyOrigin">Place of the key, where an unknown key is reported.</param>
internal sealed record MappingEntry(string Key, Origin KeyOrigin, ConfigNode Value);

/// <summary>Keys and values in the order of the document.</summary>
internal sealed class MappingNode(Origin origin) : ConfigNode(origin)
{
    private readonly Dictionary<string, MappingEntry> _byKey = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    public IEnumerable<MappingEntry> Entries => _order.Select(key => _byKey[key]);

    public int Count => _order.Count;

    public MappingEntry? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>Adds the entry, or puts it in place of the one with the same key.</summary>
    public void Set(MappingEntry entry)
    {
        if (!_byKey.ContainsKey(entry.Key))
            _order.Add(entry.Key);
        _byKey[entry.Key] = entry;
    }

    /// <summary>Place of the value at a dotted path, or null when the document does not write it.</summary>
    public Origin? OriginOf(string path) => FindAt(path)?.Origin;

    /// <summary>The value at a dotted path such as <c>dataset.train.mix[0].uri</c>, or null when the document does not write it.</summary>
    public ConfigNode? FindAt(string path)
    {
        ConfigNode? node = this;
        foreach (var part in path.Split('.'))
        {
            var names = part.Split('[');
            node = (node as MappingNode)?.Find(names[0])?.Value;
            foreach (var index in names.Skip(1))
                node = node is SequenceNode list && int.TryParse(index.TrimEnd(']'), out var at) && at < list.Items.Count ? list.Items[at] : null;
        }
        return node;
    }
}
