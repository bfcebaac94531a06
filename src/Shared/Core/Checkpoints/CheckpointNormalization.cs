using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Checkpoints;

/// <summary>How pixels became the input of a checkpoint's network.</summary>
/// <param name="Kind">
/// <c>dataset</c>, <c>image</c>, <c>unit</c> or <c>imagenet</c>, as in a config, or <c>given</c>. Figures that a config gives of stored values are of the kind
/// <c>dataset</c>, whose figures mean the same.
/// </param>
/// <param name="Mean">
/// Per channel: of <c>dataset</c> the training data's, of stored values; of <c>imagenet</c> and <c>given</c> of values divided by their type's largest.
/// Else null.
/// </param>
/// <param name="Deviation">As the mean.</param>
public sealed record CheckpointNormalization(string Kind, IReadOnlyList<double>? Mean, IReadOnlyList<double>? Deviation)
{
    private const string GivenKind = "given";
    private static readonly string s_dataset = Normalization.Dataset.ToString();

    /// <summary>What a config says.</summary>
    /// <param name="mean">Of <see cref="NormalizationKind.Dataset"/>: the data set's, per channel; null where they are not known.</param>
    /// <param name="deviation">As the mean.</param>
    public static CheckpointNormalization Of(Normalization normalization, IReadOnlyList<double>? mean, IReadOnlyList<double>? deviation) => normalization switch
    {
        { Kind: NormalizationKind.Dataset } => new(s_dataset, mean, deviation),
        { Figures: { Units: ValueUnits.Stored } figures } => new(s_dataset, figures.Mean, figures.Deviation),
        { Figures: { } figures } => new(normalization.Word ?? GivenKind, figures.Mean, figures.Deviation),
        _ => new(normalization.Word!, null, null),
    };

    /// <summary>What a config says of it; null where this is none that is known here, or has not the figures that it needs.</summary>
    public Normalization? ToConfig() => Kind == GivenKind
        ? Mean is { } mean && Deviation is { } deviation && deviation.All(value => value > 0)
            ? Normalization.Given(new NormalizationFigures { Mean = [.. mean], Deviation = [.. deviation] })
            : null
        : Normalization.OfWord(Kind);

    /// <summary>
    /// The same without a data set: as <see cref="ToConfig"/>, with figures in place of <c>dataset</c>. Null also where that has not one of each per channel.
    /// </summary>
    public Normalization? ToFigures() => ToConfig() switch
    {
        { Kind: NormalizationKind.Dataset } => Mean is { } mean && Deviation is { } deviation
            ? Normalization.Given(new NormalizationFigures { Mean = [.. mean], Deviation = [.. deviation], Units = ValueUnits.Stored })
            : null,
        var known => known,
    };

    /// <summary>For people: as <c>--normalize</c> is written, but for figures of a data set.</summary>
    public override string ToString() => ToFigures()?.ToString() ?? Kind;

    /// <summary>Whether the same values become the same input.</summary>
    public bool Equals(CheckpointNormalization? other) => other is not null && Kind == other.Kind && Same(Mean, other.Mean) && Same(Deviation, other.Deviation);

    public override int GetHashCode() => HashCode.Combine(Kind, Mean?.Count);

    private static bool Same(IReadOnlyList<double>? one, IReadOnlyList<double>? other) =>
        one is null || other is null ? one == other : one.SequenceEqual(other);
}
