using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary><c>auto</c>, which is null; a rule as text; or the values, one or a list of them.</summary>
internal sealed class MaskRuleValue : ConfigType<MaskRule?>
{
    private const string Auto = "auto";

    public override string Rule => $"auto, {MaskRule.ClassForm}";

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, out MaskRule? value)
    {
        value = null;
        if (node is ScalarNode { Kind: ScalarKind.Text, Text: Auto })
            return true;
        var text = node switch
        {
            ScalarNode { Kind: ScalarKind.Text or ScalarKind.Number } scalar => scalar.Text,
            SequenceNode { Items.Count: > 0 and <= byte.MaxValue + 1 } list when list.Items
                .TrueForAll(item => item is ScalarNode { Kind: ScalarKind.Number }) =>
                string.Join(',', list.Items.Select(item => ((ScalarNode)item).Text)),
            _ => "",
        };
        value = MaskRule.TryParseOfClasses(text);
        return value is not null || Reject(node, path, scope, "Write for example \"> 0\", in quotes, or [1, 3].");
    }

    public override void Write(Utf8JsonWriter json, MaskRule? value, JsonForm form) => json.WriteStringValue(value?.Text ?? Auto);

    public override JsonObject Describe()
    {
        JsonObject Number() => new() { ["type"] = "integer", ["minimum"] = 0, ["maximum"] = byte.MaxValue };
        return new()
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["const"] = Auto },
                new JsonObject
                {
                    ["type"] = "string",
                    ["pattern"] = string.Create(
                        CultureInfo.InvariantCulture, $"^ *(?:(?:>|>=|<|<=|=|==|!=) *[0-9]{{1,3}}|[0-9]{{1,3}}(?: *[,-] *[0-9]{{1,3}})*) *$"),
                },
                Number(),
                new JsonObject { ["type"] = "array", ["items"] = Number(), ["minItems"] = 1, ["maxItems"] = byte.MaxValue + 1 }),
        };
    }
}
