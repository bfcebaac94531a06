using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Configuration.Documents;

namespace ChangeDetection.Configuration.Schema;

/// <summary><c>auto</c> (null), or the weights of (no change, change).</summary>
internal sealed class ClassWeightsValue : ConfigType<ClassWeights?>
{
    private static readonly RealNumber s_weight = RealNumber.Above(0, 1e6);

    public override string Rule => "auto, or a list of two numbers: the weights of no change and of change";

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, out ClassWeights? value)
    {
        value = null;
        if (node is ScalarNode { Kind: ScalarKind.Text, Text: "auto" })
            return true;
        if (node is not SequenceNode { Items: [var first, var second] })
            return Reject(node, path, scope, "Write auto, or for example [0.05, 0.95].");
        // Both are read, so that both are reported.
        var good = s_weight.TryRead(first, $"{path}[0]", scope, out var noChange) & s_weight.TryRead(second, $"{path}[1]", scope, out var change);
        value = good ? new ClassWeights(noChange, change) : null;
        return good;
    }

    public override void Write(Utf8JsonWriter json, ClassWeights? value, JsonForm form)
    {
        if (value is null)
        {
            json.WriteStringValue("auto");
            return;
        }
        json.WriteStartArray();
        s_weight.Write(json, value.NoChange, form);
        s_weight.Write(json, value.Change, form);
        json.WriteEndArray();
    }

    public override JsonObject Describe() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["const"] = "auto" },
            new JsonObject { ["type"] = "array", ["items"] = s_weight.Describe(), ["minItems"] = 2, ["maxItems"] = 2 }),
    };
}
