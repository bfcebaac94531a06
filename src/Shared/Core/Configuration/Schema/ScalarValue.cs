using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>Any single value, kept as the JSON it would be; what it may be is the business of the key it is meant for.</summary>
internal sealed class ScalarValue : ConfigType<string>
{
    private const int MaxLength = LocationValue.MaxLength;

    public override string Rule => $"a single value: a word, a number, true, false or null, of at most {MaxLength} characters";

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out string value)
    {
        value = null;
        if (node is not ScalarNode { Kind: not ScalarKind.NotFinite, Text.Length: <= MaxLength } scalar)
            return Reject(node, path, scope);
        value = scalar.Kind switch
        {
            ScalarKind.Text => JsonSerializer.Serialize(scalar.Text),
            ScalarKind.Boolean => scalar.Text.ToLowerInvariant(),
            ScalarKind.Null => "null",
            _ => scalar.Text,
        };
        return scalar.Kind is not ScalarKind.Number || IsJson(value) || Reject(node, path, scope);
    }

    public override void Write(Utf8JsonWriter json, string value, JsonForm form) => json.WriteRawValue(value);

    public override JsonObject Describe() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "number" },
            new JsonObject { ["type"] = "boolean" }, new JsonObject { ["type"] = "null" }),
    };

    /// <summary>YAML's numbers are more than JSON's: <c>.5</c>, <c>+1</c>.</summary>
    private static bool IsJson(string number)
    {
        try
        {
            using var document = JsonDocument.Parse(number);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
