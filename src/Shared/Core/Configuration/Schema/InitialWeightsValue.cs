using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Core.Configuration.Parameters;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>What a network starts from: a word where that says all of it, which is how it is written and digested then; else a mapping.</summary>
internal sealed class InitialWeightsValue : ConfigType<InitialWeightsConfig>
{
    private const int MaxRules = 1000;

    private static readonly InitialAddressValue s_word = new(mayBeFresh: true);

    private static readonly Section<InitialWeightsConfig> s_mapping = new Section<InitialWeightsConfig>(() => new())
        .Required("from", new InitialAddressValue(mayBeFresh: false),
            "A safetensors file, one of PyTorch's (.pth), or the id of a run, whose best checkpoint is taken.",
            c => c.From, (c, v) => c with { From = v })
        .Key("key", new PatternText("the name of an entry, with dots where one stands in another, or empty", @"[^\x00-\x1f\x7f]{0,200}"),
            "Of a PyTorch file with several state dictionaries: the entry that holds these weights; without it, it is found.",
            c => c.Key, (c, v) => c with { Key = v }, addedLater: true)
        .Key("only", new ListOf<string>(new PatternText(ParameterPattern.Form, ParameterPattern.Characters), MaxRules),
            "The parts of the network that are taken from the file, by how their names begin; all else stays as the seed draws it.",
            c => c.Only, (c, v) => c with { Only = v }, addedLater: true)
        .Key("rename", new ListOf<string>(
                new PatternText(ParameterRename.Form, ParameterRename.Pattern, text => ParameterRename.TryParse(text) is not null), MaxRules),
            "What names of the file become, the first rule that matches alone; a rule that matches none is an error.",
            c => c.Rename, (c, v) => c with { Rename = v }, addedLater: true);

    public override string Rule => $"{s_word.Rule}, or a mapping of from, key, only and rename";

    public override IEnumerable<string> PathsBelow => s_mapping.PathsBelow;

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out InitialWeightsConfig value)
    {
        value = null;
        if (node is MappingNode)
            return s_mapping.TryRead(node, path, scope, out value);
        if (node is not ScalarNode { Kind: ScalarKind.Text })
            return Reject(node, path, scope, Quoting.Quote(node));
        if (!s_word.TryRead(node, path, scope, out var from))
            return false;
        value = from;
        return true;
    }

    public override void Write(Utf8JsonWriter json, InitialWeightsConfig value, JsonForm form)
    {
        if (value.IsPlain)
            s_word.Write(json, value.From, form);
        else
            s_mapping.Write(json, value, form);
    }

    public override JsonObject Describe() => new() { ["anyOf"] = new JsonArray(s_word.Describe(), s_mapping.Describe()) };
}
