using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>A word for a rule, or a weight for each class, no change first. How many there must be, <see cref="ExperimentRules"/> says.</summary>
internal sealed class ClassWeightsValue : ConfigType<ClassWeighting>
{
    private static readonly RealNumber s_weight = RealNumber.Above(0, 1e6);

    private static readonly (string Word, ClassWeighting Value)[] s_words = [("auto", ClassWeighting.Auto), ("daudt2018", ClassWeighting.Daudt2018)];

    public override string Rule => "auto, daudt2018, or a list of numbers: the weights of no change and of change, or of every class";

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out ClassWeighting value)
    {
        value = node is ScalarNode { Kind: ScalarKind.Text, Text: var text } ? Array.Find(s_words, option => option.Word == text).Value : null;
        if (value is not null)
            return true;
        if (node is not SequenceNode { Items: { Count: >= 2 and <= ModelConfig.MaxClasses } items })
            return Reject(node, path, scope, "Write auto, or for example [0.05, 0.95].");
        var weights = new List<double>();
        // All are read, so that all are reported.
        for (var at = 0; at < items.Count; at++)
        {
            if (s_weight.TryRead(items[at], $"{path}[{at}]", scope, out var weight))
                weights.Add(weight);
        }
        value = weights.Count == items.Count ? ClassWeighting.Given([.. weights]) : null;
        return value is not null;
    }

    public override void Write(Utf8JsonWriter json, ClassWeighting value, JsonForm form)
    {
        if (value is not GivenClassWeights { Weights.Values: var weights })
        {
            json.WriteStringValue(Array.Find(s_words, option => option.Value == value).Word);
            return;
        }
        json.WriteStartArray();
        foreach (var weight in weights)
            s_weight.Write(json, weight, form);
        json.WriteEndArray();
    }

    public override JsonObject Describe() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = new JsonArray([.. s_words.Select(option => JsonValue.Create(option.Word))]) },
            new JsonObject { ["type"] = "array", ["items"] = s_weight.Describe(), ["minItems"] = 2, ["maxItems"] = ModelConfig.MaxClasses }),
    };
}
