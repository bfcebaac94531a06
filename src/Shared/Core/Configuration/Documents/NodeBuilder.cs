namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>
/// Builds the tree from a parser's events, with a stack of its own instead of recursion, and keeps the limits: whatever the document,
/// depth, number of values and length of scalars are bounded before anything recursive sees the tree. Duplicate keys are errors.
/// </summary>
internal sealed class NodeBuilder(ErrorList errors)
{
    /// <summary>Deepest nesting of mappings and lists; the schema needs 3.</summary>
    public const int MaxDepth = 32;
    private const int MaxNodes = 10_000;
    private const int MaxScalarLength = 4096;
    /// <summary>No document can hold a NUL, so no key of a document is this one.</summary>
    private const string DroppedKey = "\0";

    private sealed class Open(ConfigNode node, string path)
    {
        public ConfigNode Node { get; } = node;
        public string Path { get; } = path;
        public string? Key { get; set; }
        public Origin? KeyOrigin { get; set; }
    }

    private readonly Stack<Open> _open = [];
    private int _nodes;

    /// <summary>The document's value; null until the first event.</summary>
    public ConfigNode? Root { get; private set; }

    /// <summary>Whether the next scalar is a key.</summary>
    public bool ExpectsKey => _open.TryPeek(out var top) && top is { Node: MappingNode, Key: null };

    /// <summary>Where the next value goes, for errors.</summary>
    public string Path => _open.TryPeek(out var top) ? PathIn(top) : "";

    /// <summary>A scalar, or the key of the entry to come.</summary>
    public void Scalar(Origin origin, ScalarKind kind, string text)
    {
        if (text.Length > MaxScalarLength)
            errors.Stop(origin, Path, $"must be at most {MaxScalarLength} characters long (it has {text.Length})");
        if (ExpectsKey)
            SetKey(origin, text);
        else
            Add(new ScalarNode(origin, kind, text));
    }

    /// <summary>A mapping or list whose values follow until <see cref="Close"/>.</summary>
    public void Begin(ConfigNode container)
    {
        if (ExpectsKey)
            errors.Stop(container.Origin, Path, "a key must be a plain word, not a mapping or list");
        if (_open.Count == MaxDepth)
            errors.Stop(container.Origin, Path, $"is nested deeper than {MaxDepth} levels");
        var path = Path;
        Add(container);
        _open.Push(new Open(container, path));
    }

    public void Close() => _open.Pop();

    /// <summary>Reports a value or key of a kind that no configuration may hold. The value keeps its place; a key's entry is dropped.</summary>
    public void Refuse(Origin origin, string message, string suggestion)
    {
        errors.Add(origin, Path, message, suggestion);
        if (ExpectsKey)
            SetKey(origin, DroppedKey);
        else
            Add(new RefusedNode(origin));
    }

    private void SetKey(Origin origin, string key)
    {
        var top = _open.Peek();
        (top.Key, top.KeyOrigin) = (key, origin);
    }

    private void Add(ConfigNode node)
    {
        if (++_nodes > MaxNodes)
            errors.Stop(node.Origin, "", $"the document holds more than {MaxNodes} values");
        if (!_open.TryPeek(out var top))
        {
            Root = node;
            return;
        }
        if (top.Node is SequenceNode sequence)
        {
            sequence.Items.Add(node);
            return;
        }
        var mapping = (MappingNode)top.Node;
        var (key, keyOrigin) = (top.Key!, top.KeyOrigin!);
        if (key == DroppedKey)
        {
            // Reported already: its value is read for its own errors only.
        }
        else if (mapping.Find(key) is { } first)
            errors.Add(keyOrigin, PathIn(top), $"is written twice (first on {first.KeyOrigin})", "Keep one of the two.");
        else
            mapping.Set(new MappingEntry(key, keyOrigin, node));
        top.Key = null;
    }

    private static string PathIn(Open open) => open.Node switch
    {
        SequenceNode sequence => $"{open.Path}[{sequence.Items.Count}]",
        _ when open.Key is null or DroppedKey => open.Path,
        _ => open.Path.Length == 0 ? PrintableText.Text(open.Key) : $"{open.Path}.{PrintableText.Text(open.Key)}",
    };
}
