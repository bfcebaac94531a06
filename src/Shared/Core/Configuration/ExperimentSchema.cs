using System.Text.Encodings.Web;
using System.Text.Json;
using ChangeDetection.Core.Configuration.Schema;

namespace ChangeDetection.Core.Configuration;

/// <summary>The config's JSON Schema (2020-12), for editors and other programs. It comes from the table that the reader follows.</summary>
public static class ExperimentSchema
{
    // The text goes into files and terminals, not into HTML: an apostrophe may stay one.
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Json { get; } = Write();

    private static string Write()
    {
        var schema = ExperimentTable.Root.Describe();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "ChangeDetection experiment");
        schema.Insert(2, "description",
            "One experiment: data, network, training and evaluation. Rules that join several keys are checked by `changedetection validate`.");
        return schema.ToJsonString(s_readable);
    }
}
