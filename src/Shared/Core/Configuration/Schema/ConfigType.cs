using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>
/// One kind of value. It reads, writes and describes itself, so that reader, stored form and JSON Schema cannot disagree.
/// </summary>
internal abstract class ConfigType<T>
{
    /// <summary>What is allowed, as the end of a sentence that begins with "must be".</summary>
    public abstract string Rule { get; }

    /// <summary>Reads the value; false when it is wrong, which has then been reported.</summary>
    public bool TryRead(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (node is RefusedNode)
            return false;
        if (node is not ScalarNode { Kind: ScalarKind.Empty })
            return TryReadValue(node, path, scope, out value);
        scope.Errors.Add(node.Origin, path, "has no value", $"Write {Rule}, or leave the key out.");
        return false;
    }

    protected abstract bool TryReadValue(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out T value);

    public abstract void Write(Utf8JsonWriter json, T value, JsonForm form);

    /// <summary>The fragment of the JSON Schema.</summary>
    public abstract JsonObject Describe();

    /// <summary>The keys below a value of this type, as dotted paths.</summary>
    public virtual IEnumerable<string> PathsBelow => [];

    /// <summary>Whether a default is worth showing: a section's is the sum of its keys'.</summary>
    public virtual bool ShowsDefault => true;

    /// <summary>Reports that the value breaks <see cref="Rule"/>; always false, so that readers can return it.</summary>
    protected bool Reject(ConfigNode node, string path, ReadScope scope, string? suggestion = null)
    {
        scope.Errors.Add(node.Origin, path, $"must be {Rule} (value was {PrintableText.Value(node)})", suggestion);
        return false;
    }
}
