namespace ChangeDetection.Core.Planning;

/// <summary>A file that predict runs make, by its name among the run's files.</summary>
public sealed record PredictionOutput(string Name, string ContentType);

/// <summary>The files that predict runs make.</summary>
public static class PredictionOutputs
{
    /// <summary>One byte a pixel: 0 no change, 1 change, 255 not known.</summary>
    public static PredictionOutput Classes { get; } = new("change.tif", "image/tiff");
    /// <summary>Probability of change as float32; NaN: not known.</summary>
    public static PredictionOutput Probability { get; } = new("probability.tif", "image/tiff");
    /// <summary>Outlines of changes.</summary>
    public static PredictionOutput Polygons { get; } = new("change.geojson", "application/geo+json");
    /// <summary>The files of all pairs of a batch, by <see cref="BatchFiles.Path"/>.</summary>
    public static PredictionOutput Maps { get; } = new("maps.tar", "application/x-tar");
    /// <summary>A line for each pair of a batch.</summary>
    public static PredictionOutput Summary { get; } = new(BatchFiles.Summary, "text/csv");
    /// <summary>A small picture.</summary>
    public static PredictionOutput Overlay { get; } = new("overlay.png", "image/png");
}
