using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Parameters;
using CsCheck;

namespace ChangeDetection.Core.Tests.Configuration;

/// <summary>Generates configs that keep every rule.</summary>
internal static class AnyConfig
{
    private static readonly Gen<string> s_name = Gen.String[Gen.OneOf("abcXYZ019._-".ToCharArray()), 0, 20].Select(middle => $"a{middle}9");

    private static readonly Gen<Uri> s_uri = Gen.OneOf(
        "file:///data/szada", "file:///data/a%20b%23c", "s3://bucket/prefix", "az://container/a/b", "https://host:8443/x", "http://host/x", "file:///")
        .Select(text => new Uri(text));

    private static Gen<double> Between(double min, double max) => Gen.Double[min, max];

    private static readonly Gen<DatasetConfig> s_dataset =
        from uri in s_uri
        from split in s_name
        from crop in Gen.Int[16, 512].Nullable()
        from samples in Gen.Int[1, 1_000_000].Nullable()
        from shuffle in Gen.Int[1, 4096]
        from mix in Gen.Select(
            s_uri, s_name, Between(1e-3, 1e3), (other, name, weight) => new MixedSplitConfig { Uri = other, Split = name, Weight = weight }).Array[
            0, 3]
        from balance in Between(1e-9, 1).Nullable()
        from change in Between(1e-9, 1).Nullable()
        from rule in Gen.OneOf("auto", "> 0", "1", "1,3,5-7", "!= 0").Select(MaskRule.TryParse)
        from fields in Gen.Int[0, 2].Select(choice => choice switch { 0 => null, 1 => FieldNames.Packed, _ => new FieldNames("a.png", "b.png", "seg") })
        from validate in Gen.Bool
        from test in Gen.Bool
        from fold in Gen.Int[0, 99].Nullable()
        select new DatasetConfig
        {
            Uri = uri,
            Fields = fields,
            Fold = fold,
            Train = new()
            {
                Split = fold is null ? split : "train",
                Crop = crop,
                SamplesPerEpoch = samples,
                ShuffleShards = shuffle,
                Mix = [.. mix],
                Balance = balance,
                CropMinChange = crop is null ? null : change,
            },
            Mask = new() { Change = balance is null ? rule : null },
            Validate = validate ? new() { Split = fold is null ? split : "val" } : null,
            Test = test ? new() { Split = split } : null,
        };

    private static readonly Gen<AugmentConfig> s_augment =
        from flips in Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool)
        from brightness in Between(0, 10)
        from contrast in Between(0, 0.999)
        from noise in Between(0, 10)
        from shift in Gen.Int[0, 64]
        select new AugmentConfig
        {
            Flip = flips.Item1, Rotate90 = flips.Item2, SwapDates = flips.Item3,
            Brightness = brightness, Contrast = contrast, Noise = noise, Misregister = shift,
        };

    private static readonly Gen<InitialWeightsConfig> s_init =
        from address in Gen.OneOf("file:///w.safetensors", "s3://bucket/w%20x.safetensors")
        from key in Gen.OneOf("", "ema", "a b.c")
        from only in Gen.OneOf("_backbone", "bn*", "conv11.weight").Array[0, 3]
        from rename in Gen.OneOf("features=_backbone", "enc_*=*", "a=", "=b.").Array[0, 3]
        from whole in Gen.Bool
        select whole ? address : new InitialWeightsConfig { From = address, Key = key, Only = [.. only], Rename = [.. rename] };

    private static readonly Gen<ModelConfig> s_model =
        from channels in Gen.Int[1, 13]
        from dropout in Between(0, 0.999)
        from init in Gen.OneOf(Gen.Const<InitialWeightsConfig>("default"), s_init)
        from name in Gen.OneOf(ModelNames.All.ToArray())
        from activation in Gen.OneOf(ActivationNames.All.ToArray())
        from shared in Gen.Bool
        from classes in Gen.OneOf(2, 2, 3, 64)
        let hasChoices = name == ModelNames.SiameseFcnn
        select new ModelConfig
        {
            Name = name,
            Channels = channels,
            Classes = classes,
            Dropout = dropout,
            Init = init,
            Activation = hasChoices ? activation : ActivationNames.None,
            SharedTowers = hasChoices && shared,
        };

    private static Gen<Normalization> NormalizationOf(int channels) => Gen.OneOf(
        Gen.OneOf(Normalization.Dataset, Normalization.Image, Normalization.Unit, channels == 3 ? Normalization.ImageNet : Normalization.Unit),
        Gen.Select(Between(-1e9, 1e9).Array[channels], Between(1e-9, 1e9).Array[channels], Gen.Enum<ValueUnits>(), (mean, deviation, units) =>
            Normalization.Given(new NormalizationFigures { Mean = [.. mean], Deviation = [.. deviation], Units = units })));

    private static Gen<ClassWeighting> WeightingOf(int classes) => Gen.OneOf(
        Gen.Const(ClassWeighting.Auto), Gen.Const(classes == 2 ? ClassWeighting.Daudt2018 : ClassWeighting.Auto),
        Between(1e-9, 1e6).Array[classes].Select(weights => ClassWeighting.Given([.. weights])));

    private static Gen<string> LossNameOf(int classes) => Gen.OneOf(LossNames.All.Where(name => classes == 2 || !LossNames.AreBinary(name)).ToArray());

    private static Gen<LossConfig> LossOf(int classes) =>
        from name in LossNameOf(classes)
        from weighting in WeightingOf(classes)
        from gamma in Between(0, 10)
        from alpha in Between(0, 1)
        from beta in Between(0, 1)
        from plus in Gen.Select(LossNameOf(classes), Between(1e-9, 1e6), (other, weight) => new AddedLossConfig { Name = other, Weight = weight }).Array[0, 3]
        let isWeighted = LossNames.AreWeighted(name) || plus.Any(term => LossNames.AreWeighted(term.Name))
        select new LossConfig
        {
            Name = name,
            ClassWeights = isWeighted ? weighting : ClassWeighting.Auto,
            Gamma = gamma,
            Alpha = alpha,
            Beta = beta,
            Plus = [.. plus],
        };

    private static readonly Gen<OptimizerConfig> s_optimizer =
        from name in Gen.OneOf(OptimizerNames.All.ToArray())
        from lr in Between(1e-12, 10)
        from decay in Between(0, 10)
        from momentum in Between(0, 0.999)
        select new OptimizerConfig { Name = name, Lr = lr, WeightDecay = decay, Momentum = momentum };

    private static readonly Gen<ScheduleConfig> s_schedule =
        from name in Gen.OneOf(ScheduleNames.All.ToArray())
        from gamma in Between(1e-6, 1)
        from every in Gen.Int[1, 100_000]
        from power in Between(1e-6, 10)
        from floor in Between(0, 1)
        from warmup in Between(0, 0.999)
        select new ScheduleConfig
        {
            Name = name,
            Gamma = gamma,
            EveryEpochs = every,
            Power = power,
            Floor = floor,
            WarmupEpochs = name == ScheduleNames.OneCycle ? 0 : warmup,
        };

    private static Gen<(LossConfig, OptimizerConfig, ScheduleConfig)> LearningOf(int classes) => Gen.Select(LossOf(classes), s_optimizer, s_schedule);

    private static Gen<TrainConfig> TrainOf(bool validated) =>
        from batch in Gen.Int[1, 256]
        from epochs in Gen.Int[1, 100_000]
        from deterministic in Gen.Enum<Determinism>()
        from clip in Between(1e-6, 1e6).Nullable()
        from parts in Gen.Int[1, batch]
        from decay in Between(0, 0.9999).Nullable()
        from patience in Gen.Int[1, 100_000].Nullable()
        select new TrainConfig
        {
            BatchSize = batch,
            Epochs = epochs,
            Deterministic = deterministic,
            ClipNorm = clip,
            Accumulate = parts,
            AverageDecay = decay,
            EarlyStop = validated ? patience : null,
        };

    private static Gen<CheckpointConfig> CheckpointOf(bool validated) =>
        from epochs in Gen.Int[1, 100_000]
        from minutes in Between(1e-3, 10_080)
        from best in Gen.Int[0, 1000]
        from last in Gen.Int[1, 1000]
        from optimizer in Gen.Enum<OptimizerRetention>()
        from metric in Gen.OneOf(MetricNames.Ranking.Where(name => validated || name == MetricNames.TrainLoss).ToArray())
        select new CheckpointConfig
        {
            EveryEpochs = epochs, EveryMinutes = minutes, KeepBest = best, KeepLast = last, KeepOptimizer = optimizer, Metric = metric,
            Mode = MetricNames.OptimumOf(metric),
        };

    private static Gen<EvaluateConfig?> EvaluateOf(bool tested, bool hasBest) =>
        from evaluate in Gen.Bool
        from pictures in Gen.Int[0, 1000]
        from best in Gen.Bool
        from rescale in Gen.OneOf("", "0..10000=0..255", "-1e-7..0.1=0..1E+16").Select(text => text == "" ? null : ValueRescaling.TryParse(text))
        select evaluate && tested
            ? new EvaluateConfig { From = best && hasBest ? CheckpointChoice.Best : CheckpointChoice.Last, Pictures = pictures, Rescale = rescale }
            : null;

    private static readonly Gen<(LoaderConfig, ResourcesConfig, RetriesConfig)> s_running =
        from ahead in Gen.Int[1, 65_536]
        from decoders in Gen.Int[1, 256]
        from batches in Gen.Int[1, 256]
        from cache in Gen.Enum<DecodedCacheKind>()
        from cacheMb in Gen.Int[1, 16_777_216]
        from device in Gen.Enum<DeviceClass>()
        from threads in Gen.Int[1, 256]
        from priority in Gen.Int[0, 9]
        from errors in Gen.Int[0, 100]
        select (
            new LoaderConfig { ReadAheadMb = ahead, Decoders = decoders, BatchesAhead = batches, DecodedCache = cache, DecodedCacheMb = cacheMb },
            new ResourcesConfig { Device = device, Threads = threads, Priority = priority },
            new RetriesConfig { Errors = errors });

    private static readonly Gen<(int, MatrixAxis[], PublishedScores[])> s_table =
        from seeds in Gen.Int[1, 4]
        from rates in Between(1e-9, 1).Array[1, 3]
        from swaps in Gen.Bool
        from published in Gen.Select(
            Gen.OneOf(ModelNames.All.ToArray()), Between(0, 1).Nullable(),
            (model, f1) => new PublishedScores { Model = model, Source = "a paper", F1 = f1 }).Array[0, 2]
        let axis = new MatrixAxis { Key = "optimizer.lr", Values = [.. rates.Select(rate => System.Text.Json.JsonSerializer.Serialize(rate))] }
        select (seeds, swaps ? new[] { axis, new MatrixAxis { Key = "augment.swap_dates", Values = ["true", "false"] } } : [], published);

    public static Gen<ExperimentConfig> Valid { get; } =
        from name in s_name
        from seed in Gen.Long[0, (1L << 53) - 5]
        from dataset in s_dataset
        from augment in s_augment
        from drawn in s_model
        from normalize in NormalizationOf(drawn.Channels)
        let model = dataset.Mask.Change is null ? drawn : drawn with { Classes = 2 }
        from learning in LearningOf(model.Classes)
        from train in TrainOf(dataset.Validate is not null)
        from checkpoint in CheckpointOf(dataset.Validate is not null)
        from evaluate in EvaluateOf(dataset.Test is not null, checkpoint.KeepBest > 0)
        from running in s_running
        from table in s_table
        select new ExperimentConfig
        {
            Name = name,
            Seed = seed,
            Dataset = dataset,
            Augment = augment,
            Normalize = normalize,
            Model = model,
            Loss = learning.Item1,
            Optimizer = learning.Item2,
            Schedule = learning.Item3,
            Train = train,
            Checkpoint = checkpoint,
            Evaluate = evaluate,
            Loader = running.Item1,
            Resources = running.Item2,
            Retries = running.Item3,
            Seeds = table.Item1,
            Matrix = [.. table.Item2],
            Published = [.. table.Item3],
        };
}
