using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>A mapping of values as text; <c>null</c> where leaving the key out says the same.</summary>
internal sealed class ValueRescalingValue : ConfigType<ValueRescaling?>
{
    public override string Rule => ValueRescaling.Form;

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, out ValueRescaling? value)
    {
        value = null;
        if (node is ScalarNode { Kind: ScalarKind.Null })
            return true;
        value = node is ScalarNode { Kind: ScalarKind.Text } scalar ? ValueRescaling.TryParse(scalar.Text) : null;
        return value is not null || Reject(node, path, scope, Quoting.Quote(node));
    }

    public override void Write(Utf8JsonWriter json, ValueRescaling? value, JsonForm form)
    {
        if (value is null)
            json.WriteNullValue();
        else
            json.WriteStringValue(value.ToString());
    }

    // Coarser than the rule: which number is the larger one, no pattern says.
    public override JsonObject Describe() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "string", ["pattern"] = @"^[^=]+\.\.[^=]+=[^=]+\.\.[^=]+$" }, new JsonObject { ["type"] = "null" }),
    };
}
