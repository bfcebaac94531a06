using System.Text.Json.Serialization;
using ChangeDetection.Core.Configuration.Parameters;

namespace ChangeDetection.Core.Configuration;

/// <summary>
/// One experiment, as a user writes it in YAML or JSON. Keys are the snake_case of the property names.
/// Instances come from <c>ExperimentConfigReader</c>, which has checked every rule; defaults stand here and nowhere else.
/// </summary>
[JsonConverter(typeof(ExperimentConfigJsonConverter))]
public sealed record ExperimentConfig
{
    /// <summary>Version of this schema; 1 is the only one.</summary>
    public int Version { get; init; } = 1;
    /// <summary>Name shown in listings: 1 to 80 of letters (a–z), digits, <c>. _ -</c> and space; the first and last are a letter or digit.</summary>
    public required string Name { get; init; }
    /// <summary>Seed of everything drawn: initial weights, order, augmentation, dropout. 0 to 2^53 − 1.</summary>
    public long Seed { get; init; }
    public required DatasetConfig Dataset { get; init; }
    public AugmentConfig Augment { get; init; } = new();
    public Normalization Normalize { get; init; } = Normalization.Dataset;
    public ModelConfig Model { get; init; } = new();
    public LossConfig Loss { get; init; } = new();
    public OptimizerConfig Optimizer { get; init; } = new();
    public ScheduleConfig Schedule { get; init; } = new();
    public TrainConfig Train { get; init; } = new();
    public CheckpointConfig Checkpoint { get; init; } = new();
    /// <summary>The evaluation queued when training succeeds; null (<c>evaluate: none</c>) for none.</summary>
    public EvaluateConfig? Evaluate { get; init; } = new();
    public LoaderConfig Loader { get; init; } = new();
    public ResourcesConfig Resources { get; init; } = new();
    public RetriesConfig Retries { get; init; } = new();
    /// <summary>How many runs, with the seeds <see cref="Seed"/>, <see cref="Seed"/> + 1, …; of each combination of <see cref="Matrix"/>.</summary>
    public int Seeds { get; init; } = 1;
    /// <summary>Keys that take several values: a run for each combination.</summary>
    public ValueList<MatrixAxis> Matrix { get; init; } = [];
    /// <summary>Figures of others that <c>compare</c> prints beside ours.</summary>
    public ValueList<PublishedScores> Published { get; init; } = [];
}

public sealed record AugmentConfig
{
    /// <summary>Mirror left to right with probability one half.</summary>
    public bool Flip { get; init; } = true;
    /// <summary>Rotate by a random multiple of 90 degrees.</summary>
    public bool Rotate90 { get; init; } = true;
    /// <summary>Exchange before and after with probability one half.</summary>
    public bool SwapDates { get; init; }
    /// <summary>Each date by itself is made brighter or darker by up to so much, in units of the network's input.</summary>
    public double Brightness { get; init; }
    /// <summary>Each date's input is multiplied by a number between 1 − this and 1 + this; in [0, 1).</summary>
    public double Contrast { get; init; }
    /// <summary>Deviation of the noise added to every value, in units of the network's input.</summary>
    public double Noise { get; init; }
    /// <summary>The second date is shifted by up to so many pixels, up or down and left or right; mask and first date stay.</summary>
    public int Misregister { get; init; }
}

public sealed record ModelConfig
{
    /// <summary>The most classes there may be.</summary>
    public const int MaxClasses = 64;

    /// <summary>A name of the catalogue (<c>model list</c>).</summary>
    public string Name { get; init; } = "fc-siam-diff";
    /// <summary>Channels per date; must be the data set's.</summary>
    public int Channels { get; init; } = 3;
    /// <summary>Classes that are told apart, no change among them; must be the data set's.</summary>
    public int Classes { get; init; } = 2;
    /// <summary>Dropout probability, in [0, 1).</summary>
    public double Dropout { get; init; } = 0.2;
    /// <summary>Of siamese-fcnn: behind every hidden layer, one of <see cref="ActivationNames"/>.</summary>
    public string Activation { get; init; } = ActivationNames.None;
    /// <summary>Of siamese-fcnn: one tower for both dates in place of two.</summary>
    public bool SharedTowers { get; init; }
    /// <summary>What the weights start from.</summary>
    public InitialWeightsConfig Init { get; init; } = new();

    /// <summary>The word for weights drawn from the seed.</summary>
    public const string FreshWeights = "default";
}

public sealed record LossConfig
{
    /// <summary>One of <see cref="LossNames"/>.</summary>
    public string Name { get; init; } = LossNames.Nll;
    /// <summary>Weights of (no change, change), or of every class, of nll and focal.</summary>
    public ClassWeighting ClassWeights { get; init; } = ClassWeighting.Auto;
    /// <summary>Of focal: how much less easy pixels count.</summary>
    public double Gamma { get; init; } = 2;
    /// <summary>Of tversky: weight of false positives.</summary>
    public double Alpha { get; init; } = 0.3;
    /// <summary>Of tversky: weight of false negatives.</summary>
    public double Beta { get; init; } = 0.7;
    /// <summary>Further losses that are added.</summary>
    public ValueList<AddedLossConfig> Plus { get; init; } = [];

    /// <summary>All that are summed.</summary>
    public IEnumerable<string> Names() => Plus.Select(term => term.Name).Prepend(Name);

    /// <summary>Whether the weights follow from how much of the training split is changed.</summary>
    public bool WeighsByFrequency() => ClassWeights is not GivenClassWeights && Names().Any(LossNames.AreWeighted);
}

/// <summary>A loss added to another one.</summary>
public sealed record AddedLossConfig
{
    public required string Name { get; init; }
    public double Weight { get; init; } = 1;
}

public sealed record OptimizerConfig
{
    /// <summary>One of <see cref="OptimizerNames"/>.</summary>
    public string Name { get; init; } = OptimizerNames.Adam;
    public double Lr { get; init; } = 1e-3;
    public double WeightDecay { get; init; } = 1e-4;
    /// <summary>Of sgd.</summary>
    public double Momentum { get; init; } = 0.9;
}

public sealed record ScheduleConfig
{
    /// <summary>One of <see cref="ScheduleNames"/>.</summary>
    public string Name { get; init; } = ScheduleNames.Exponential;
    /// <summary>Of exponential and step, in (0, 1].</summary>
    public double Gamma { get; init; } = 0.95;
    /// <summary>Of step: epochs between two falls.</summary>
    public int EveryEpochs { get; init; } = 10;
    /// <summary>Of polynomial.</summary>
    public double Power { get; init; } = 0.9;
    /// <summary>Of cosine and polynomial: where they end, as a share of lr.</summary>
    public double Floor { get; init; }
    /// <summary>Epochs, also in part, in which the rate rises to lr.</summary>
    public double WarmupEpochs { get; init; }
}

public sealed record TrainConfig
{
    public int BatchSize { get; init; } = 16;
    public int Epochs { get; init; } = 50;
    public Determinism Deterministic { get; init; } = Determinism.On;
    /// <summary>Largest norm of all gradients together; null for no limit.</summary>
    public double? ClipNorm { get; init; }
    /// <summary>Parts that a batch goes through the network in, one after the other: one update, a part's memory.</summary>
    public int Accumulate { get; init; } = 1;
    /// <summary>Decay of the moving average of the weights, which is then what is validated and kept; null for none.</summary>
    public double? AverageDecay { get; init; }
    /// <summary>Epochs without a better <c>checkpoint.metric</c> after which training ends; null for never.</summary>
    public int? EarlyStop { get; init; }
}

/// <summary>How much is done for equal bits. CPU kernels are deterministic either way.</summary>
public enum Determinism
{
    /// <summary><c>false</c>: the fastest GPU kernels, whichever order they add in.</summary>
    Off,
    /// <summary><c>true</c>: deterministic kernels; a resume on other numerics goes on with an event <c>numerics-changed</c>.</summary>
    On,
    /// <summary><c>strict</c>: as <c>true</c>, and a resume waits for a worker of the same numerics.</summary>
    Strict,
}

public sealed record CheckpointConfig
{
    public int EveryEpochs { get; init; } = 1;
    /// <summary>At the latest after so many minutes, at a step boundary.</summary>
    public double EveryMinutes { get; init; } = 5;
    public int KeepBest { get; init; } = 1;
    public int KeepLast { get; init; } = 2;
    /// <summary>Of which checkpoints the optimizer's state stays when the run has ended.</summary>
    public OptimizerRetention KeepOptimizer { get; init; } = OptimizerRetention.Last;
    /// <summary>The metric that ranks checkpoints.</summary>
    public string Metric { get; init; } = "val/f1";
    public OptimumMode Mode { get; init; } = OptimumMode.Max;
}

/// <summary>Of which checkpoints of a run that has ended the optimizer's state is kept: a run can go on from these alone.</summary>
public enum OptimizerRetention
{
    /// <summary>Of the newest.</summary>
    Last,
    All,
    /// <summary>Of none, once the run has succeeded; of one that failed or was cancelled, and may be retried, of the newest.</summary>
    None,
}

/// <summary>Whether larger or smaller is better.</summary>
public enum OptimumMode { Max, Min }

public sealed record EvaluateConfig
{
    public CheckpointChoice From { get; init; } = CheckpointChoice.Best;
    /// <summary>How many samples get a picture.</summary>
    public int Pictures { get; init; } = 8;
    /// <summary>
    /// Of an evaluation on another data set than that of the training: what its values are in those of the training; null: the same.
    /// </summary>
    public ValueRescaling? Rescale { get; init; }
}

/// <summary>Which checkpoint of a run.</summary>
public enum CheckpointChoice { Best, Last }

/// <summary>The memory of the road from shard to batch. Changes no result, so it is not part of the digest.</summary>
public sealed record LoaderConfig
{
    /// <summary>Shard bytes read ahead, in MiB.</summary>
    public int ReadAheadMb { get; init; } = 64;
    /// <summary>Decoding threads.</summary>
    public int Decoders { get; init; } = 1;
    /// <summary>Batches ready ahead of the step.</summary>
    public int BatchesAhead { get; init; } = 2;
    /// <summary>Where decoded pixels are kept from one epoch to the next.</summary>
    public DecodedCacheKind DecodedCache { get; init; } = DecodedCacheKind.Auto;
    /// <summary>Decoded pixels kept at most, in MiB; never more than a quarter of the room there is.</summary>
    public int DecodedCacheMb { get; init; } = 4096;
}

/// <summary>Where decoded pixels are kept from one epoch to the next.</summary>
public enum DecodedCacheKind
{
    /// <summary>On disk where that pays and costs no memory: more than one epoch, and a scratch folder that is not itself memory.</summary>
    Auto,
    /// <summary>In a file without a name in the scratch folder.</summary>
    Disk,
    /// <summary>In the trainer's memory.</summary>
    Memory,
    /// <summary>Nowhere: each epoch decodes anew.</summary>
    Off,
}

public sealed record ResourcesConfig
{
    public DeviceClass Device { get; init; } = DeviceClass.Any;
    /// <summary>Compute threads of the trainer. Part of the numerics: another count gives other bits.</summary>
    public int Threads { get; init; } = 2;
    /// <summary>0 to 9, higher is sooner.</summary>
    public int Priority { get; init; } = 5;
}

/// <summary>The kind of device a run asks for.</summary>
public enum DeviceClass { Any, Cpu, Gpu }

public sealed record RetriesConfig
{
    /// <summary>How often a run that failed by its own error is tried again. Deaths of the infrastructure are counted apart.</summary>
    public int Errors { get; init; }
}
