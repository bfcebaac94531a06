using System.Text.Json;
using System.Text.Json.Serialization;
using ChangeDetection.Core.Configuration.Schema;

namespace ChangeDetection.Core.Configuration;

/// <summary>Gives System.Text.Json the stored form wherever a config stands in another record, so that no second format can arise.</summary>
public sealed class ExperimentConfigJsonConverter : JsonConverter<ExperimentConfig>
{
    /// <exception cref="ConfigurationException">It is no config, or breaks a rule.</exception>
    public override ExperimentConfig Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return ExperimentJson.Deserialize(document.RootElement.GetRawText());
    }

    public override void Write(Utf8JsonWriter writer, ExperimentConfig value, JsonSerializerOptions options) =>
        ExperimentTable.Root.Write(writer, value, JsonForm.Whole);
}
