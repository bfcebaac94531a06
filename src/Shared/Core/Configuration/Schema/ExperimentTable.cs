namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>
/// The experiment config, key by key: name, type and bounds, description, property, and whether it can change a result. Reader, stored
/// form, digest and JSON Schema all follow this table; defaults are the records' initial values. Rules that join several keys:
/// <see cref="ExperimentRules"/>.
/// </summary>
internal static class ExperimentTable
{
    private static readonly Uri s_missing = new("file:///");

    private static readonly PatternText s_splitName = new(
        "1 to 64 letters, digits or . _ - that start with a letter or digit", "[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private static readonly Section<MixedSplitConfig> s_mixedSplit = new Section<MixedSplitConfig>(() => new() { Uri = s_missing })
        .Required("uri", new LocationValue(),
            "Folder or prefix that holds its dataset.json. A relative path is taken from this file's folder.", c => c.Uri, (c, v) => c with { Uri = v })
        .Key("split", s_splitName, "Split of that data set.", c => c.Split, (c, v) => c with { Split = v })
        .Key("weight", RealNumber.Between(1e-3, 1e3), "How often it is drawn from; dataset.uri's own split has the weight 1.",
            c => c.Weight, (c, v) => c with { Weight = v });

    private static readonly Section<TrainSplitConfig> s_trainSplit = new Section<TrainSplitConfig>(() => new())
        .Key("split", s_splitName, "Split of the data set to train on.", c => c.Split, (c, v) => c with { Split = v })
        .Key("crop", new OrNull<int>(new WholeNumber<int>(16, 16_384)),
            "Side of the random square crop in pixels; without it whole images, which must then be of one size.",
            c => c.Crop, (c, v) => c with { Crop = v })
        .Key("samples_per_epoch", new OrNull<int>(new WholeNumber<int>(1, 1_000_000_000)),
            "Draws per epoch; without it each sample once.", c => c.SamplesPerEpoch, (c, v) => c with { SamplesPerEpoch = v })
        .Key("shuffle_shards", new WholeNumber<int>(1, 4096),
            "Shards shuffled together: more mix better and need more memory.", c => c.ShuffleShards, (c, v) => c with { ShuffleShards = v })
        .Key("mix", new ListOf<MixedSplitConfig>(s_mixedSplit, max: 32), "Further data sets to draw from, each with its weight.",
            c => c.Mix, (c, v) => c with { Mix = v }, addedLater: true)
        .Key("balance", new OrNull<double>(RealNumber.Above(0, 1)),
            "Share of the draws from samples with at least one changed pixel; without it they are drawn as often as there are.",
            c => c.Balance, (c, v) => c with { Balance = v }, addedLater: true)
        .Key("crop_min_change", new OrNull<double>(RealNumber.Above(0, 1)),
            "Least share of changed pixels of a crop: of 16 crops drawn the first that has it, else the one with the most; without it the first crop drawn.",
            c => c.CropMinChange, (c, v) => c with { CropMinChange = v }, addedLater: true);

    private static readonly Section<MaskConfig> s_mask = new Section<MaskConfig>(() => new())
        .Key("change", new MaskRuleValue(),
            "Of a data set with classes: the numbers of those that are change, all others being none; auto for the masks as they were packed.",
            c => c.Change, (c, v) => c with { Change = v });

    private static readonly Section<SplitConfig> s_split = new Section<SplitConfig>(() => new() { Split = "" })
        .Required("split", s_splitName, "Name of a split of the data set, read in order as whole images.",
            c => c.Split, (c, v) => c with { Split = v });

    private static readonly PatternText s_fieldName = new("1 to 64 of a-z, 0-9 or . _ - that start with a letter or digit", "[a-z0-9][a-z0-9._-]{0,63}");

    private static readonly Section<FieldNames> s_fields = new Section<FieldNames>(() => FieldNames.Packed)
        .Key("before", s_fieldName, "The first date's image: a field such as a.png, or a for any encoding of it.", c => c.Before, (c, v) => c
            with { Before = v })
        .Key("after", s_fieldName, "The second date's image.", c => c.After, (c, v) => c with { After = v })
        .Key("mask", s_fieldName, "The change mask.", c => c.Mask, (c, v) => c with { Mask = v });

    private static readonly Section<DatasetConfig> s_dataset = new Section<DatasetConfig>(() => new() { Uri = s_missing })
        .Required("uri", new LocationValue(),
            "Folder or prefix that holds dataset.json. A relative path is taken from this file's folder.", c => c.Uri, (c, v) => c with { Uri = v })
        .Key("fields", new OrNone<FieldNames>(s_fields), "Other fields of its samples than the packed or indexed ones; none for just these.",
            c => c.Fields, (c, v) => c with { Fields = v }, addedLater: true)
        .Key("fold", new OrNull<int>(new WholeNumber<int>(0, 99)),
            "Of a data set packed with --folds: validate on this fold and train on all others, in place of train.split and validate.",
            c => c.Fold, (c, v) => c with { Fold = v }, addedLater: true)
        .Key("train", s_trainSplit, "What is trained on, and how it is drawn.", c => c.Train, (c, v) => c with { Train = v })
        .Key("mask", s_mask, "What the masks' classes mean.", c => c.Mask, (c, v) => c with { Mask = v }, addedLater: true)
        .Key("validate", new OrNone<SplitConfig>(s_split), "Measured after every epoch; none for no validation.",
            c => c.Validate, (c, v) => c with { Validate = v })
        .Key("test", new OrNone<SplitConfig>(s_split), "Measured by the evaluation after training; none for no test split.",
            c => c.Test, (c, v) => c with { Test = v });

    private static readonly Section<AugmentConfig> s_augment = new Section<AugmentConfig>(() => new())
        .Key("flip", new Flag(), "Mirror left to right with probability one half.", c => c.Flip, (c, v) => c with { Flip = v })
        .Key("rotate90", new Flag(), "Rotate by a random multiple of 90 degrees.", c => c.Rotate90, (c, v) => c with { Rotate90 = v })
        .Key("swap_dates", new Flag(), "Exchange before and after with probability one half.", c => c.SwapDates, (c, v) => c with { SwapDates = v })
        .Key("brightness", RealNumber.Between(0, 10),
            "Each date by itself is made brighter or darker by up to so much, in units of the network's input: deviations, or with normalize: " +
                "unit parts of the range.",
            c => c.Brightness, (c, v) => c with { Brightness = v }, addedLater: true)
        .Key("contrast", RealNumber.Below(0, 1), "Each date's input is multiplied by a number between 1 - this and 1 + this.",
            c => c.Contrast, (c, v) => c with { Contrast = v }, addedLater: true)
        .Key("noise", RealNumber.Between(0, 10), "Deviation of the noise that is added to every value, in units of the network's input.",
            c => c.Noise, (c, v) => c with { Noise = v }, addedLater: true)
        .Key("misregister", new WholeNumber<int>(0, 64), "The second date is shifted by up to so many pixels in each direction; mask and first date stay.",
            c => c.Misregister, (c, v) => c with { Misregister = v }, addedLater: true);

    private static readonly Section<ModelConfig> s_model = new Section<ModelConfig>(() => new())
        .Key("name", Choice.Of(ModelNames.All), "The network.", c => c.Name, (c, v) => c with { Name = v })
        .Key("channels", new WholeNumber<int>(1, 512), "Channels per date; must be the data set's.",
            c => c.Channels, (c, v) => c with { Channels = v })
        .Key("classes", new WholeNumber<int>(2, ModelConfig.MaxClasses), "Classes that are told apart, no change among them; must be the data set's.",
            c => c.Classes, (c, v) => c with { Classes = v }, addedLater: true)
        .Key("dropout", RealNumber.Below(0, 1), "Dropout probability.", c => c.Dropout, (c, v) => c with { Dropout = v })
        .Key("activation", Choice.Of(ActivationNames.All), "Of siamese-fcnn: what stands behind a hidden layer; none as published.",
            c => c.Activation, (c, v) => c with { Activation = v }, addedLater: true)
        .Key("shared_towers", new Flag(), "Of siamese-fcnn: one tower for both dates in place of two.",
            c => c.SharedTowers, (c, v) => c with { SharedTowers = v }, addedLater: true)
        .Key("init", new InitialWeightsValue(),
            "default for fresh weights; or what to start from: a safetensors file, one of PyTorch's (.pth), or the id of a run, whose best " +
                "checkpoint is taken; or a mapping of that (from) and of how its names become the network's.",
            c => c.Init, (c, v) => c with { Init = v });

    private static readonly Section<AddedLossConfig> s_addedLoss = new Section<AddedLossConfig>(() => new() { Name = "" })
        .Required("name", Choice.Of(LossNames.All), "Another loss.", c => c.Name, (c, v) => c with { Name = v })
        .Key("weight", RealNumber.Above(0, 1e6), "Its weight; that of the first one is 1.", c => c.Weight, (c, v) => c with { Weight = v });

    private static readonly Section<LossConfig> s_loss = new Section<LossConfig>(() => new())
        .Key("name", Choice.Of(LossNames.All), LossNames.Words, c => c.Name, (c, v) => c with { Name = v })
        .Key("class_weights", new ClassWeightsValue(),
            "Of nll and focal, weights of no change and of change, or of every class; auto: [p, 1 - p], p the change fraction of the training " +
                "split, of more classes the inverse of their shares; daudt2018: [20 p, 2 (1 - p)].",
            c => c.ClassWeights, (c, v) => c with { ClassWeights = v })
        .Key("gamma", RealNumber.Between(0, 10), "Of focal: how much less easy pixels count.", c => c.Gamma, (c, v) => c with { Gamma = v }, addedLater: true)
        .Key("alpha", RealNumber.Between(0, 1), "Of tversky: weight of false positives.", c => c.Alpha, (c, v) => c with { Alpha = v }, addedLater: true)
        .Key("beta", RealNumber.Between(0, 1), "Of tversky: weight of false negatives.", c => c.Beta, (c, v) => c with { Beta = v }, addedLater: true)
        .Key("plus", new ListOf<AddedLossConfig>(s_addedLoss, max: 8), "Further losses that are added.", c => c.Plus, (c, v) => c
            with { Plus = v }, addedLater: true);

    private static readonly Section<OptimizerConfig> s_optimizer = new Section<OptimizerConfig>(() => new())
        .Key("name", Choice.Of(OptimizerNames.All), OptimizerNames.Words, c => c.Name, (c, v) => c with { Name = v })
        .Key("lr", RealNumber.Above(0, 10), "Learning rate that the schedule starts from or rises to.", c => c.Lr, (c, v) => c with { Lr = v })
        .Key("weight_decay", RealNumber.Between(0, 10), "Weight decay.", c => c.WeightDecay, (c, v) => c with { WeightDecay = v })
        .Key("momentum", RealNumber.Below(0, 1), "Of sgd.", c => c.Momentum, (c, v) => c with { Momentum = v }, addedLater: true);

    private static readonly Section<ScheduleConfig> s_schedule = new Section<ScheduleConfig>(() => new())
        .Key("name", Choice.Of(ScheduleNames.All), ScheduleNames.Words, c => c.Name, (c, v) => c with { Name = v })
        .Key("gamma", RealNumber.Above(0, 1), "Factor per epoch of exponential, per fall of step.", c => c.Gamma, (c, v) => c with { Gamma = v })
        .Key("every_epochs", new WholeNumber<int>(1, 100_000), "Of step: epochs between two falls.",
            c => c.EveryEpochs, (c, v) => c with { EveryEpochs = v }, addedLater: true)
        .Key("power", RealNumber.Above(0, 10), "Of polynomial.", c => c.Power, (c, v) => c with { Power = v }, addedLater: true)
        .Key("floor", RealNumber.Between(0, 1), "Of cosine and polynomial: where they end, as a share of lr.", c => c.Floor, (c, v) => c
            with { Floor = v }, addedLater: true)
        .Key("warmup_epochs", RealNumber.Between(0, 10_000), "Epochs, also in part, in which the rate rises to lr; one-cycle has its own.",
            c => c.WarmupEpochs, (c, v) => c with { WarmupEpochs = v }, addedLater: true);

    private static readonly Section<TrainConfig> s_train = new Section<TrainConfig>(() => new())
        .Key("batch_size", new WholeNumber<int>(1, 4096), "Pairs per optimizer step.", c => c.BatchSize, (c, v) => c with { BatchSize = v })
        .Key("epochs", new WholeNumber<int>(1, 100_000), "Epochs to train.", c => c.Epochs, (c, v) => c with { Epochs = v })
        .Key("deterministic", new Choice<Determinism>(("true", Determinism.On), ("false", Determinism.Off), ("strict", Determinism.Strict)),
            "true: kernels that always give the same bits; false: the fastest; strict: as true, and a resume waits for a worker of the same numerics.",
            c => c.Deterministic, (c, v) => c with { Deterministic = v })
        .Key("clip_norm", new OrNull<double>(RealNumber.Above(0, 1e6)), "Largest norm of all gradients together; without it there is no limit.",
            c => c.ClipNorm, (c, v) => c with { ClipNorm = v }, addedLater: true)
        .Key("accumulate", new WholeNumber<int>(1, 4096), "Parts that a batch goes through the network in: one update, a part's memory.",
            c => c.Accumulate, (c, v) => c with { Accumulate = v }, addedLater: true)
        .Key("average_decay", new OrNull<double>(RealNumber.Below(0, 1)),
            "Decay per update of a moving average of the weights, which is then what is validated and kept; without it there is none.",
            c => c.AverageDecay, (c, v) => c with { AverageDecay = v }, addedLater: true)
        .Key("early_stop", new OrNull<int>(new WholeNumber<int>(1, 100_000)), "Epochs without a better checkpoint.metric after which training ends.",
            c => c.EarlyStop, (c, v) => c with { EarlyStop = v }, addedLater: true);

    // When and how many checkpoints are kept for safety changes no result; which epochs can be the best one does.
    private static readonly Section<CheckpointConfig> s_checkpoint = new Section<CheckpointConfig>(() => new())
        .Key("every_epochs", new WholeNumber<int>(1, 100_000), "A checkpoint after every so many epochs.",
            c => c.EveryEpochs, (c, v) => c with { EveryEpochs = v })
        .Key("every_minutes", RealNumber.Above(0, 10_080),
            "A checkpoint at the latest after so many minutes, at a step boundary.",
            c => c.EveryMinutes, (c, v) => c with { EveryMinutes = v }, inResult: false)
        .Key("keep_best", new WholeNumber<int>(0, 1000), "How many of the best are kept.",
            c => c.KeepBest, (c, v) => c with { KeepBest = v }, inResult: false)
        .Key("keep_last", new WholeNumber<int>(1, 1000), "How many of the latest are kept.",
            c => c.KeepLast, (c, v) => c with { KeepLast = v }, inResult: false)
        .Key("keep_optimizer", new Choice<OptimizerRetention>(
                ("last", OptimizerRetention.Last), ("all", OptimizerRetention.All), ("none", OptimizerRetention.None)),
            "Of which kept checkpoints the optimizer's state stays once the run has ended: a run goes on from these alone; none: once it has succeeded.",
            c => c.KeepOptimizer, (c, v) => c with { KeepOptimizer = v }, inResult: false, addedLater: true)
        .Key("metric", new Choice<string>([.. MetricNames.Ranking.Select(name => (name, name))]) { Explain = ExplainMetric },
            "The metric that ranks checkpoints.", c => c.Metric, (c, v) => c with { Metric = v })
        .Key("mode", new Choice<OptimumMode>(("max", OptimumMode.Max), ("min", OptimumMode.Min)),
            "max where more of the metric is better, min where less is.", c => c.Mode, (c, v) => c with { Mode = v });

    private static readonly Section<EvaluateConfig> s_evaluate = new Section<EvaluateConfig>(() => new())
        .Key("from", new Choice<CheckpointChoice>(("best", CheckpointChoice.Best), ("last", CheckpointChoice.Last)),
            "Which checkpoint is evaluated.", c => c.From, (c, v) => c with { From = v })
        .Key("pictures", new WholeNumber<int>(0, 1000), "How many samples get a picture.",
            c => c.Pictures, (c, v) => c with { Pictures = v }, inResult: false)
        .Key("rescale", new ValueRescalingValue(),
            "Of changedetection evaluate --rescale alone: what the values of another data set are in those of the training.",
            c => c.Rescale, (c, v) => c with { Rescale = v }, addedLater: true);

    private static readonly Section<LoaderConfig> s_loader = new Section<LoaderConfig>(() => new())
        .Key("read_ahead_mb", new WholeNumber<int>(1, 65_536), "Shard bytes read ahead, in MiB.",
            c => c.ReadAheadMb, (c, v) => c with { ReadAheadMb = v })
        .Key("decoders", new WholeNumber<int>(1, 256), "Decoding threads.", c => c.Decoders, (c, v) => c with { Decoders = v })
        .Key("batches_ahead", new WholeNumber<int>(1, 256), "Batches ready ahead of the step.",
            c => c.BatchesAhead, (c, v) => c with { BatchesAhead = v })
        .Key("decoded_cache", new Choice<DecodedCacheKind>(
                ("auto", DecodedCacheKind.Auto), ("disk", DecodedCacheKind.Disk), ("memory", DecodedCacheKind.Memory), ("off", DecodedCacheKind.Off)),
            "Where decoded pixels are kept for the next epoch: auto is disk where there is more than one epoch and the scratch folder is no memory itself.",
            c => c.DecodedCache, (c, v) => c with { DecodedCache = v })
        .Key("decoded_cache_mb", new WholeNumber<int>(1, 16_777_216), "Decoded pixels kept at most, in MiB; never more than a quarter of the room there is.",
            c => c.DecodedCacheMb, (c, v) => c with { DecodedCacheMb = v });

    private static readonly Section<ResourcesConfig> s_resources = new Section<ResourcesConfig>(() => new())
        .Key("device", new Choice<DeviceClass>(("any", DeviceClass.Any), ("cpu", DeviceClass.Cpu), ("gpu", DeviceClass.Gpu)),
            "The kind of device to run on.", c => c.Device, (c, v) => c with { Device = v }, inResult: false)
        .Key("threads", new WholeNumber<int>(1, 256),
            "Compute threads of the trainer. Another count gives other bits.", c => c.Threads, (c, v) => c with { Threads = v })
        .Key("priority", new WholeNumber<int>(0, 9), "Higher is sooner.", c => c.Priority, (c, v) => c with { Priority = v }, inResult: false);

    private static readonly Section<RetriesConfig> s_retries = new Section<RetriesConfig>(() => new())
        .Key("errors", new WholeNumber<int>(0, 100),
            "How often a run that failed by its own error is tried again. Deaths of the infrastructure are counted apart.",
            c => c.Errors, (c, v) => c with { Errors = v });

    private static readonly Section<MatrixAxis> s_axis = new Section<MatrixAxis>(() => new() { Key = "" })
        .Required("key", new PatternText("a dotted key of this config, such as model.name", "[a-z0-9_]+(\\.[a-z0-9_]+)*"),
            "The key, dotted.", c => c.Key, (c, v) => c with { Key = v })
        .Required(
            "values", new ListOf<string>(new ScalarValue(), max: ExperimentMatrix.MaxRuns),
            "Its values.", c => c.Values, (c, v) => c with { Values = v });

    private static readonly OrNull<double> s_share = new(RealNumber.Between(-1, 1));

    private static readonly Section<PublishedScores> s_published = new Section<PublishedScores>(() => new() { Model = "", Source = "" })
        .Required("model", Choice.Of(ModelNames.All), "The network it is of.", c => c.Model, (c, v) => c with { Model = v })
        .Required(
            "source", new PatternText("1 to 200 characters without line breaks", "[^\\x00-\\x1f\\x7f]{1,200}"),
            "Who published it, and where.", c => c.Source, (c, v) => c with { Source = v })
        .Key("precision", s_share, "Of the change class, a share of 1.", c => c.Precision, (c, v) => c with { Precision = v })
        .Key("recall", s_share, "Of the change class, a share of 1.", c => c.Recall, (c, v) => c with { Recall = v })
        .Key("f1", s_share, "Of the change class, a share of 1.", c => c.F1, (c, v) => c with { F1 = v })
        .Key("iou", s_share, "Of the change class, a share of 1.", c => c.Iou, (c, v) => c with { Iou = v })
        .Key("accuracy", s_share, "Share of all pixels, of 1.", c => c.Accuracy, (c, v) => c with { Accuracy = v })
        .Key("kappa", s_share, "Cohen's kappa.", c => c.Kappa, (c, v) => c with { Kappa = v });

    /// <summary>The whole document.</summary>
    public static Section<ExperimentConfig> Root { get; } = new Section<ExperimentConfig>(() => new() { Name = "", Dataset = new() { Uri = s_missing } })
        .Key("version", new WholeNumber<int>(1, 1), "Version of this schema.", c => c.Version, (c, v) => c with { Version = v })
        .Required("name",
            new PatternText(
                "1 to 80 letters (a-z), digits, spaces or . _ - that start and end with a letter or digit",
                "[A-Za-z0-9]([A-Za-z0-9 ._-]{0,78}[A-Za-z0-9])?"),
            "Name shown in listings.", c => c.Name, (c, v) => c with { Name = v }, inResult: false)
        .Key("seed", new WholeNumber<long>(0, (1L << 53) - 1),
            "Seed of everything drawn: initial weights, order, augmentation, dropout.", c => c.Seed, (c, v) => c with { Seed = v })
        .Required("dataset", s_dataset, "Where the data lies, and which splits play which part.", c => c.Dataset, (c, v) => c with { Dataset = v })
        .Key("augment", s_augment, "Random changes of each training sample.", c => c.Augment, (c, v) => c with { Augment = v })
        .Key("normalize", new NormalizationValue(),
            "How pixel values become network input: by the data set's statistics, by each image's own, divided by the type's range, or by ImageNet's or " +
                "given means and deviations of values so divided.",
            c => c.Normalize, (c, v) => c with { Normalize = v })
        .Key("model", s_model, "The network.", c => c.Model, (c, v) => c with { Model = v })
        .Key("loss", s_loss, "What training minimises.", c => c.Loss, (c, v) => c with { Loss = v })
        .Key("optimizer", s_optimizer, "How weights follow the gradient.", c => c.Optimizer, (c, v) => c with { Optimizer = v })
        .Key("schedule", s_schedule, "The learning rate over the epochs.", c => c.Schedule, (c, v) => c with { Schedule = v })
        .Key("train", s_train, "Batch, length and determinism of training.", c => c.Train, (c, v) => c with { Train = v })
        .Key("checkpoint", s_checkpoint, "When the state is saved, what is kept, and what is best.",
            c => c.Checkpoint, (c, v) => c with { Checkpoint = v })
        .Key("evaluate", new OrNone<EvaluateConfig>(s_evaluate),
            "The evaluation queued when training succeeds; none for none.", c => c.Evaluate, (c, v) => c with { Evaluate = v })
        .Key("loader", s_loader, "Memory of the road from shard to batch.", c => c.Loader, (c, v) => c with { Loader = v }, inResult: false)
        .Key("resources", s_resources, "What the run needs to run.", c => c.Resources, (c, v) => c with { Resources = v })
        .Key("retries", s_retries, "What happens after a failure.", c => c.Retries, (c, v) => c with { Retries = v }, inResult: false)
        .Key("seeds", new WholeNumber<int>(1, 100), "How many runs, with seed, seed + 1 and so on; of each combination of the matrix.",
            c => c.Seeds, (c, v) => c with { Seeds = v }, addedLater: true)
        .Key("matrix", new ListOf<MatrixAxis>(s_axis, max: 8), "Keys that take several values: a run for each combination.",
            c => c.Matrix, (c, v) => c with { Matrix = v }, addedLater: true)
        .Key("published", new ListOf<PublishedScores>(s_published, max: 64), "Figures of others, which compare prints beside ours.",
            c => c.Published, (c, v) => c with { Published = v }, inResult: false);

    private static string? ExplainMetric(string word) => word.StartsWith(MetricNames.Test, StringComparison.Ordinal)
        ? "The test split is measured once, after training: rank by a metric of val/."
        : null;
}
