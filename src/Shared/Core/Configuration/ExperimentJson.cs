using System.Buffers;
using System.Text;
using System.Text.Json;
using ChangeDetection.Core.Configuration.Schema;

namespace ChangeDetection.Core.Configuration;

/// <summary>
/// The stored form of a config: JSON with every key, as users could have written it, in the database and on the pipe to the trainer.
/// A config inside another record takes this form too.
/// </summary>
public static class ExperimentJson
{
    public static string Serialize(ExperimentConfig config) => Encoding.UTF8.GetString(Write(config, JsonForm.Whole).Span);

    /// <exception cref="ConfigurationException">It is no config, or breaks a rule: rows are checked as files are.</exception>
    public static ExperimentConfig Deserialize(string json) => ExperimentConfigReader.ReadStored(json);

    internal static ReadOnlyMemory<byte> Write(ExperimentConfig config, JsonForm form)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            ExperimentTable.Root.Write(json, config, form);
        return buffer.WrittenMemory;
    }
}
