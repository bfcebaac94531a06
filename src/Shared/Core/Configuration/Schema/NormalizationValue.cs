using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>A word for a rule, or figures. Of how many channels they must be, <see cref="ExperimentRules"/> says.</summary>
internal sealed class NormalizationValue : ConfigType<Normalization>
{
    private const int MaxChannels = 512;

    private static readonly Section<NormalizationFigures> s_figures = new Section<NormalizationFigures>(() => new())
        .Required("mean", new ListOf<double>(RealNumber.Between(-1e9, 1e9), MaxChannels), "The mean of each channel.",
            c => c.Mean, (c, v) => c with { Mean = v })
        .Required("deviation", new ListOf<double>(RealNumber.Above(0, 1e9), MaxChannels), "The standard deviation of each channel.",
            c => c.Deviation, (c, v) => c with { Deviation = v })
        .Key("units", new Choice<ValueUnits>(("range", ValueUnits.Range), ("stored", ValueUnits.Stored)),
            "range: figures of values divided by their type's largest (255, 65535; float as it is); stored: of values as they are.",
            c => c.Units, (c, v) => c with { Units = v });

    public override string Rule => $"{string.Join(", ", Normalization.Words)} or a mapping {{ mean: [...], deviation: [...] }} of a number for each channel";

    public override IEnumerable<string> PathsBelow => s_figures.PathsBelow;

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, [MaybeNullWhen(false)] out Normalization value)
    {
        value = null;
        if (node is MappingNode && s_figures.TryRead(node, path, scope, out var figures))
            value = Normalization.Given(figures);
        else if (node is ScalarNode { Kind: ScalarKind.Text, Text: var word })
            value = Normalization.OfWord(word);
        return value is not null || Reject(node, path, scope, node is ScalarNode { Text: var text }
            ? NearestName.Suggest(text, Normalization.Words)
            : "Write for example { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] }.");
    }

    public override void Write(Utf8JsonWriter json, Normalization value, JsonForm form)
    {
        if (value.Word is { } word)
            json.WriteStringValue(word);
        else
            s_figures.Write(json, value.Figures!, form);
    }

    /// <summary>As in a config.</summary>
    public static JsonNode? Node(Normalization value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            new NormalizationValue().Write(json, value, JsonForm.Whole);
        return JsonNode.Parse(buffer.WrittenSpan);
    }

    public override JsonObject Describe() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = new JsonArray([.. Normalization.Words.Select(word => JsonValue.Create(word))]) }, s_figures.Describe()),
    };
}
