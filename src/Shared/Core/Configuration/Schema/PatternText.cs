using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>A text of a given form.</summary>
/// <param name="rule">The form in words.</param>
/// <param name="pattern">The form as a regular expression for the whole text, in the part of the language that .NET and JSON Schema share.</param>
/// <param name="holds">What of the rule no regular expression can say; null: nothing.</param>
internal sealed class PatternText(string rule, string pattern, Func<string, bool>? holds = null) : ConfigType<string>
{
    // \z: .NET's $ would also let a final line break through.
    private readonly Regex _regex = new($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    public override string Rule => rule;

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out string value)
    {
        value = (node as ScalarNode)?.Text;
        return (node is ScalarNode { Kind: ScalarKind.Text } scalar && _regex.IsMatch(scalar.Text) && holds?.Invoke(scalar.Text) != false)
            || Reject(node, path, scope, Quoting.Quote(node));
    }

    public override void Write(Utf8JsonWriter json, string value, JsonForm form) => json.WriteStringValue(value);

    public override JsonObject Describe() => new() { ["type"] = "string", ["pattern"] = $"^(?:{pattern})$" };
}
