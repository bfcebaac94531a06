using System.Globalization;
using System.Text.Json;
using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Worker.Models;

/// <summary>Prints a network for <c>model show</c>, for people or as one JSON document.</summary>
public static class ModelReport
{
    private const string Row = "{0,-30} {1,-24} {2,-20} {3,12} {4,12}";

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <exception cref="UnknownModelException">No network has this name; the message lists those there are.</exception>
    public static void Show(string name, int channels, TextWriter output, bool json)
    {
        var model = ModelDescription.Of(new ModelConfig { Name = name, Channels = channels });
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(model, s_json));
            return;
        }
        output.WriteLine($"{model.Name}: {model.Summary}");
        output.WriteLine(model.Source);
        output.WriteLine($"{Count(model.Parameters)} parameters and {Count(model.Buffers)} buffers with {model.Channels} channels per date");
        output.WriteLine($"{Count(model.MultiplyAccumulates)} multiply-accumulates per pixel, both dates together");
        output.WriteLine(model.Field is { } field
            ? $"receptive field {field.Side} pixels a side: {field.Before} above and to the left, {field.After} below and to the right"
            : "receptive field: the whole image");
        if (model.PublishedNormalization is { } normalize)
            output.WriteLine($"weights of its authors want normalize: {normalize}");
        output.WriteLine();
        output.WriteLine(string.Format(CultureInfo.InvariantCulture, Row, "layer", "type", "weight", "parameters", "MAC/pixel"));
        foreach (var layer in model.Layers)
            output.WriteLine(string.Format(CultureInfo.InvariantCulture, Row,
                layer.Name, layer.Type, "[" + string.Join(", ", layer.Shape) + "]", Count(layer.Parameters), Count(layer.MultiplyAccumulates)));
    }

    private static string Count(double number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
