using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>A path or URI, as an absolute URI.</summary>
internal sealed class LocationValue : ConfigType<Uri>
{
    /// <summary>Longer than any path Linux takes is long enough for a URI.</summary>
    public const int MaxLength = 2048;

    public override string Rule => Location.Rule;

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out Uri value)
    {
        value = null;
        if (node is not ScalarNode { Kind: ScalarKind.Text, Text.Length: > 0 and <= MaxLength } scalar || scalar.Text.Any(char.IsControl))
            return Reject(node, path, scope, Quoting.Quote(node));
        return Location.TryResolve(scalar.Text, scope.BaseFolder, out value, out var problem) || Reject(node, path, scope, problem);
    }

    public override void Write(Utf8JsonWriter json, Uri value, JsonForm form) => json.WriteStringValue(value.AbsoluteUri);

    public override JsonObject Describe() => new() { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = MaxLength };
}
