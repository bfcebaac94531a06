using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed class Flag : ConfigType<bool>
{
    public override string Rule => "true or false";

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, out bool value)
    {
        value = node is ScalarNode { Kind: ScalarKind.Boolean, Text: ['t' or 'T', ..] };
        return node is ScalarNode { Kind: ScalarKind.Boolean } || Reject(node, path, scope, Quoting.Unquote(node) ?? OldSpelling(node));
    }

    public override void Write(Utf8JsonWriter json, bool value, JsonForm form) => json.WriteBooleanValue(value);

    public override JsonObject Describe() => new() { ["type"] = "boolean" };

    /// <summary>YAML 1.1's booleans, which many still write.</summary>
    private static string? OldSpelling(ConfigNode node) => node is not ScalarNode { Kind: ScalarKind.Text } scalar
        ? null
        : scalar.Text.ToUpperInvariant() switch
        {
            "YES" or "ON" or "Y" => "Write true.",
            "NO" or "OFF" or "N" => "Write false.",
            _ => null,
        };
}
