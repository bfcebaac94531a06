using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>
/// A path or URI; or a run's id, which stays as it is; or, where it may stand, the word <c>default</c>. A file that is named like an id is written <c>./ID</c>.
/// </summary>
internal sealed class InitialAddressValue(bool mayBeFresh) : ConfigType<string>
{
    private static readonly LocationValue s_location = new();

    public override string Rule => $"{(mayBeFresh ? $"{ModelConfig.FreshWeights}, " : "")}the id of a run, or {Location.Rule}";

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out string value)
    {
        value = ModelConfig.FreshWeights;
        if (node is not ScalarNode { Kind: ScalarKind.Text } scalar)
            return Reject(node, path, scope, Quoting.Quote(node));
        if (scalar.Text == ModelConfig.FreshWeights)
            return mayBeFresh || Reject(node, path, scope, $"Fresh weights are all there is to say of: write init: {ModelConfig.FreshWeights}.");
        if (Guid.TryParseExact(scalar.Text, "D", out var run))
        {
            value = run.ToString();
            return true;
        }
        var good = s_location.TryRead(node, path, scope, out var uri);
        value = uri?.AbsoluteUri;
        return good;
    }

    public override void Write(Utf8JsonWriter json, string value, JsonForm form) => json.WriteStringValue(value);

    public override JsonObject Describe() => s_location.Describe();
}
