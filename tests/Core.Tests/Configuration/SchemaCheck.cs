using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ChangeDetection.Core.Tests.Configuration;

/// <summary>Checks a value against the part of JSON Schema 2020-12 that the project's schema uses, and refuses a schema that uses more.</summary>
internal static class SchemaCheck
{
    private static readonly HashSet<string> s_annotations = ["$schema", "title", "description", "default"];

    /// <summary>The first violation with its place; null when the value is valid.</summary>
    public static string? Violation(JsonObject schema, JsonNode? value, string path = "$")
    {
        foreach (var (keyword, rule) in schema)
        {
            if (!s_annotations.Contains(keyword) && Violation(schema, keyword, rule!, value, path) is { } violation)
                return violation;
        }
        return null;
    }

    private static string? Violation(JsonObject schema, string keyword, JsonNode rule, JsonNode? value, string path) => keyword switch
    {
        "type" => IsOfType((string)rule!, value) ? null : $"{path} is no {rule}",
        "const" => JsonNode.DeepEquals(rule, value) ? null : $"{path} is not {rule}",
        "enum" => rule.AsArray().Any(option => JsonNode.DeepEquals(option, value)) ? null : $"{path} is not in {rule.ToJsonString()}",
        "anyOf" => rule.AsArray().Any(option => Violation(option!.AsObject(), value, path) is null) ? null : $"{path} is none of {rule.ToJsonString()}",
        "minimum" => value!.GetValue<double>() >= (double)rule ? null : $"{path} is below {rule}",
        "maximum" => value!.GetValue<double>() <= (double)rule ? null : $"{path} is above {rule}",
        "exclusiveMinimum" => value!.GetValue<double>() > (double)rule ? null : $"{path} is not above {rule}",
        "exclusiveMaximum" => value!.GetValue<double>() < (double)rule ? null : $"{path} is not below {rule}",
        "minLength" => ((string)value!).Length >= (int)rule ? null : $"{path} is shorter than {rule}",
        "maxLength" => ((string)value!).Length <= (int)rule ? null : $"{path} is longer than {rule}",
        "pattern" => Regex.IsMatch((string)value!, (string)rule!, RegexOptions.ECMAScript) ? null : $"{path} is not {rule}",
        "minItems" => value!.AsArray().Count >= (int)rule ? null : $"{path} has fewer than {rule}",
        "maxItems" => value!.AsArray().Count <= (int)rule ? null : $"{path} has more than {rule}",
        "items" => value!.AsArray().Select((item, i) => Violation(rule.AsObject(), item, $"{path}[{i}]")).FirstOrDefault(v => v is not null),
        "required" => rule.AsArray().FirstOrDefault(key => !value!.AsObject().ContainsKey((string)key!)) is { } missing ? $"{path} lacks {missing}" : null,
        "properties" => value!.AsObject().Where(p => rule.AsObject().ContainsKey(p.Key))
            .Select(p => Violation(rule[p.Key]!.AsObject(), p.Value, $"{path}.{p.Key}")).FirstOrDefault(v => v is not null),
        "additionalProperties" when !(bool)rule =>
            value!.AsObject().Select(p => p.Key).FirstOrDefault(key => !schema["properties"]!.AsObject().ContainsKey(key)) is { } key
                ? $"{path} has {key}" : null,
        _ => throw new NotSupportedException($"The schema uses '{keyword}', which this check does not know."),
    };

    private static bool IsOfType(string type, JsonNode? value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "null" => value is null,
        "string" => value?.GetValueKind() == System.Text.Json.JsonValueKind.String,
        "boolean" => value?.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False,
        "number" => value?.GetValueKind() == System.Text.Json.JsonValueKind.Number,
        "integer" => value?.GetValueKind() == System.Text.Json.JsonValueKind.Number && double.IsInteger(value.GetValue<double>()),
        _ => throw new NotSupportedException($"The schema uses the type '{type}'."),
    };
}
