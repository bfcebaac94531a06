using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>A value, or the word <c>none</c>: what is there by default can be switched off.</summary>
internal sealed class OrNone<T>(ConfigType<T> inner) : ConfigType<T?> where T : class
{
    public override string Rule => $"{inner.Rule}, or none";

    public override bool ShowsDefault => inner.ShowsDefault;

    public override IEnumerable<string> PathsBelow => inner.PathsBelow;

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, out T? value)
    {
        value = null;
        return node switch
        {
            ScalarNode { Kind: ScalarKind.Text, Text: "none" } => true,
            ScalarNode { Kind: ScalarKind.Null or ScalarKind.Boolean, Text: not ("true" or "True" or "TRUE") } => Reject(node, path, scope, "Write none."),
            ScalarNode => Reject(node, path, scope),
            _ => inner.TryRead(node, path, scope, out value),
        };
    }

    public override void Write(Utf8JsonWriter json, T? value, JsonForm form)
    {
        if (value is null)
            json.WriteStringValue("none");
        else
            inner.Write(json, value, form);
    }

    public override JsonObject Describe() => new() { ["anyOf"] = new JsonArray(inner.Describe(), new JsonObject { ["const"] = "none" }) };
}

/// <summary>A value, or <c>null</c> where leaving the key out says the same: so that <c>--set KEY=null</c> can take a file's value back.</summary>
internal sealed class OrNull<T>(ConfigType<T> inner) : ConfigType<T?> where T : struct
{
    public override string Rule => inner.Rule;

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, out T? value)
    {
        value = null;
        if (node is ScalarNode { Kind: ScalarKind.Null })
            return true;
        if (!inner.TryRead(node, path, scope, out var inside))
            return false;
        value = inside;
        return true;
    }

    public override void Write(Utf8JsonWriter json, T? value, JsonForm form)
    {
        if (value is { } inside)
            inner.Write(json, inside, form);
        else
            json.WriteNullValue();
    }

    public override JsonObject Describe() => new() { ["anyOf"] = new JsonArray(inner.Describe(), new JsonObject { ["type"] = "null" }) };
}
