using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Configuration.Documents;

namespace ChangeDetection.Configuration.Schema;

/// <summary>A word for a rule, or the weights of (no change, change).</summary>
internal sealed class ClassWeightsValue : ConfigType<ClassWeighting>
{
    private static readonly RealNumber s_weight = RealNumber.Above(0, 1e6);

    private static readonly (string Word, ClassWeighting Value)[] s_words = [("auto", ClassWeighting.Auto), ("daudt2018", ClassWeighting.Daudt2018)];

    public override string Rule => "auto, daudt2018, or a list of two numbers: the weights of no change and of change";

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out ClassWeighting value)
    {
        value = node is ScalarNode { Kind: ScalarKind.Text, Text: var text } ? Array.Find(s_words, option => option.Word == text).Value : null;
        if (value is not null)
            return true;
        if (node is not SequenceNode { Items: [var first, var second] })
            return Reject(node, path, scope, "Write auto, or for example [0.05, 0.95].");
        // Both are read, so that both are reported.
        var good = s_weight.TryRead(first, $"{path}[0]", scope, out var noChange) & s_weight.TryRead(second, $"{path}[1]", scope, out var change);
        value = good ? ClassWeighting.Given(noChange, change) : null;
        return good;
    }

    public override void Write(Utf8JsonWriter json, ClassWeighting value, JsonForm form)
    {
        if (value is not GivenClassWeights { Weights: var (noChange, change) })
        {
            json.WriteStringValue(Array.Find(s_words, option => option.Value == value).Word);
            return;
        }
        json.WriteStartArray();
        s_weight.Write(json, noChange, form);
        s_weight.Write(json, change, form);
        json.WriteEndArray();
    }

    public override JsonObject Describe() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = new JsonArray([.. s_words.Select(option => JsonValue.Create(option.Word))]) },
            new JsonObject { ["type"] = "array", ["items"] = s_weight.Describe(), ["minItems"] = 2, ["maxItems"] = 2 }),
    };
}
