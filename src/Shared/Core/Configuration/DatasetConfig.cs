namespace ChangeDetection.Core.Configuration;

/// <summary>Where the shards lie and which splits play which part.</summary>
public sealed record DatasetConfig
{
    /// <summary>
    /// Folder or prefix that holds <c>dataset.json</c>, absolute: <c>file:///…</c>. A relative path in the file is made absolute by the reader.
    /// </summary>
    public required Uri Uri { get; init; }
    /// <summary>
    /// Other fields of its samples than those that were packed or indexed as before, after and mask; null (<c>fields: none</c>) for just these.
    /// </summary>
    public FieldNames? Fields { get; init; }
    /// <summary>
    /// Of a data set with folds: the one that is validated on, all others being trained on; null where <see cref="Train"/> and
    /// <see cref="Validate"/> name splits.
    /// </summary>
    public int? Fold { get; init; }
    public TrainSplitConfig Train { get; init; } = new();
    /// <summary>What the masks' classes mean here.</summary>
    public MaskConfig Mask { get; init; } = new();
    /// <summary>Validated after every epoch; null (<c>validate: none</c>) for none.</summary>
    public SplitConfig? Validate { get; init; } = new() { Split = "val" };
    /// <summary>The split of the evaluation run.</summary>
    public SplitConfig? Test { get; init; } = new() { Split = "test" };
}

/// <summary>What is made of masks with classes.</summary>
public sealed record MaskConfig
{
    /// <summary>The numbers of the classes that are change, all others being none; null takes the masks as they were packed.</summary>
    public MaskRule? Change { get; init; }
}

/// <summary>The training split and how it is drawn.</summary>
public sealed record TrainSplitConfig
{
    public string Split { get; init; } = "train";
    /// <summary>Side of the random square crop in pixels (≥ 16); null takes whole images, which must then be of one size.</summary>
    public int? Crop { get; init; }
    /// <summary>Draws per epoch; null: each sample once. More than the split holds: the order goes round again, each round shuffled anew.</summary>
    public int? SamplesPerEpoch { get; init; }
    /// <summary>Shards shuffled together: larger mixes better and needs more memory. Part of the order.</summary>
    public int ShuffleShards { get; init; } = 16;
    /// <summary>Splits of further data sets to draw from as well; <see cref="DatasetConfig.Uri"/>'s own has the weight 1 among them.</summary>
    public ValueList<MixedSplitConfig> Mix { get; init; } = [];
    /// <summary>Share of the draws from samples with at least one changed pixel, in (0, 1]; null draws them as often as there are.</summary>
    public double? Balance { get; init; }
    /// <summary>
    /// Least share of changed pixels of a crop, in (0, 1]: of a bounded number of crops drawn the first that has it, or the one with the most change where
    /// none does. Null takes the first crop drawn.
    /// </summary>
    public double? CropMinChange { get; init; }
}

/// <summary>A split of another data set that is trained on beside the first one's.</summary>
public sealed record MixedSplitConfig
{
    /// <summary>Folder or prefix of its <c>dataset.json</c>, absolute.</summary>
    public required Uri Uri { get; init; }
    public string Split { get; init; } = "train";
    /// <summary>How often it is drawn from, the first data set's split having the weight 1.</summary>
    public double Weight { get; init; } = 1;
}

/// <summary>A split read in order, whole images.</summary>
public sealed record SplitConfig
{
    public required string Split { get; init; }
}
