using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>Whether the images of a scene are such as a network was trained on. Said before anything is queued, and again by the worker.</summary>
public static class SceneCompatibility
{
    /// <summary>Checks a pair that fits together (<see cref="RasterPair"/>) against a checkpoint.</summary>
    /// <param name="rescaling">As the request says; null: values are what they are.</param>
    /// <exception cref="RasterPairException">Bands or type are others; the message has a line for each rule that is broken.</exception>
    public static void Check(CheckpointManifest trained, IRasterReader before, IRasterReader after, ValueRescaling? rescaling)
    {
        var problems = Problems(trained, before, after, rescaling).ToList();
        if (problems.Count > 0)
            throw new RasterPairException(string.Join('\n', problems));
    }

    /// <summary>A date as the network is to see it. Disposes of the file with it.</summary>
    /// <param name="trained">Of a checkpoint that the pair was checked against.</param>
    public static IRasterReader Rescaled(IRasterReader file, CheckpointManifest trained, ValueRescaling? rescaling) =>
        PixelRescaling.Of(trained, rescaling) is { } found ? new RescaledRaster(file, found.Values.Map, found.Type) : file;

    /// <summary>A warning where bands of a date lie far off; null where none does, or nothing is known. Reads some of its rows.</summary>
    /// <param name="date">As the network is to see it.</param>
    public static string? Warning(CheckpointManifest trained, IRasterReader date) =>
        trained.Pixels?.Ranges is null || trained.Normalization.Kind == "image" ? null : ValueDistance.Warning(
            date.Name, RasterSample.Ranges(date), trained,
            $"What it finds there is a guess. Where the scene is in other units, --rescale maps its values: {ValueRescaling.Form}.");

    private static IEnumerable<string> Problems(CheckpointManifest trained, IRasterReader before, IRasterReader after, ValueRescaling? rescaling)
    {
        var shape = before.Shape;
        if (shape.Channels != trained.Model.Channels)
            yield return
                $"{before.Name} has {shape.Channels} bands, and the checkpoint is of {trained.Model.Name} for {trained.Model.Channels}. Choose " +
                "the bands it was trained on, for example by gdal_translate -b.";
        var type = PixelTypes.Name(shape.Type);
        if (rescaling is not null && trained.Pixels is null)
            yield return
                $"--rescale maps onto the pixels that the network was trained on, and the checkpoint ({trained.Model.Name}) does not say of what type they " +
                "were. Convert the scene instead, for example by gdal_translate -ot -scale.";
        else if (rescaling is null && trained.Normalization.ToConfig() is { } normalization
            && NormalizationCompatibility.Problem(normalization, type) is var (message, remedy))
            yield return $"{before.Name} {message}. {remedy}";
        else if (rescaling is null && trained.Pixels is { } pixels && pixels.Type != type)
            yield return
                $"{before.Name} and {after.Name} hold values of the type {type}, and the network ({trained.Model.Name}) was trained on {pixels.Type}. Say " +
                $"with --rescale what the values are in those of the training: {ValueRescaling.Form}.";
    }
}
