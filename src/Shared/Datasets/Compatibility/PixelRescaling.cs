using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>What pixels become that are to be such as a network was trained on.</summary>
/// <param name="Values">From a value of theirs to one of the training.</param>
/// <param name="Type">Of the training.</param>
public sealed record PixelRescaling(ValueRescaling Values, PixelType Type)
{
    /// <summary>Null where nothing is to be mapped, or where a checkpoint does not say of what type its pixels were.</summary>
    public static PixelRescaling? Of(CheckpointManifest trained, ValueRescaling? values) =>
        values is not null && trained.Pixels is { } pixels && PixelTypes.Parse(pixels.Type) is { } type ? new(values, type) : null;

    public ValueMap From(PixelType type) => new(type, Type, Values.Map);

    /// <summary>Ranges as the network will see them.</summary>
    public CheckpointPixels Map(CheckpointPixels pixels) => new(PixelTypes.Name(Type), pixels.Ranges is { } ranges
        ? [.. ranges.Select(range => new ValueRange(Map(range.Minimum), Map(range.Low), Map(range.High), Map(range.Maximum)))]
        : null);

    private double Map(double value) => ValueMap.Nearest(Type, Values.Map(value));
}
