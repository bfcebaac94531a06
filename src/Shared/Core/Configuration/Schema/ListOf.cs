using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>A list of values of one type, empty where the key is left out.</summary>
/// <param name="max">The most there may be.</param>
internal sealed class ListOf<T>(ConfigType<T> inner, int max) : ConfigType<ValueList<T>>
{
    public override string Rule => $"a list of at most {max}, each {inner.Rule}";

    /// <summary>Every item is read, so that all that is wrong is reported at once.</summary>
    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, out ValueList<T> value)
    {
        value = [];
        if (node is not SequenceNode sequence || sequence.Items.Count > max)
            return Reject(node, path, scope);
        var items = new List<T>();
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            if (inner.TryRead(sequence.Items[i], $"{path}[{i}]", scope, out var item))
                items.Add(item);
        }
        value = [.. items];
        return items.Count == sequence.Items.Count;
    }

    public override void Write(Utf8JsonWriter json, ValueList<T> value, JsonForm form)
    {
        json.WriteStartArray();
        foreach (var item in value)
            inner.Write(json, item, form);
        json.WriteEndArray();
    }

    public override JsonObject Describe() => new() { ["type"] = "array", ["items"] = inner.Describe(), ["maxItems"] = max };
}
