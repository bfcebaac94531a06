using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary>A commented config for a packed data set: what its manifest decides is filled in, and what is a choice stands at its default.</summary>
internal sealed partial class ConfigDraft
{
    private const int UsualBatch = 16;

    /// <summary>Images of one size are taken whole up to this side.</summary>
    private const int LargestWhole = 512;

    private const int UsualCrop = 256, CropStep = 16;

    /// <summary>Of a date in a batch: what the usual batch of 256x256 pixels has.</summary>
    private const long PixelsOfBatch = UsualBatch * 256L * 256L;

    private static readonly string[] s_validation = ["val", "valid", "validation", "dev"];
    private static readonly string[] s_test = ["test", "testing"];
    private static readonly string[] s_notText = ["true", "false", "null", "yes", "no", "on", "off"];

    private readonly ShardDataset _dataset;
    private readonly SplitSizes? _sizes;
    private readonly bool _ofAll;

    /// <param name="training">The split to train on: <see cref="TrainingSplit"/>.</param>
    /// <param name="sizes">Of its images, as far as they are known.</param>
    /// <param name="ofAll">Whether they hold for all of them.</param>
    public ConfigDraft(ShardDataset dataset, string training, SplitSizes? sizes, bool ofAll)
    {
        (_dataset, _sizes, _ofAll, Training) = (dataset, sizes, ofAll, training);
        Name = ExperimentName.Of([dataset.Manifest.Name]);
        Crop = sizes is null || sizes.IsOne && ofAll && Math.Max(sizes.MaxWidth, sizes.MaxHeight) <= LargestWhole ? null
            : Math.Min(UsualCrop, sizes.LargestCrop / CropStep * CropStep);
        var samples = dataset.Manifest.Splits[training].Samples;
        var places = Crop is > 0 and { } side ? (long)(sizes!.MinWidth / side) * (sizes.MinHeight / side) : 1;
        SamplesPerEpoch = places > 1 ? (int)Math.Min(samples * places, 1_000_000) : null;
        var pixels = Crop is > 0 and { } crop ? (long)crop * crop : (long)(sizes?.MaxWidth ?? UsualCrop) * (sizes?.MaxHeight ?? UsualCrop);
        var most = Math.Clamp(Math.Min(PixelsOfBatch / Math.Max(1, pixels), SamplesPerEpoch ?? samples), 1, UsualBatch);
        Batch = 1 << (int)Math.Log2(most);
    }

    public string Name { get; }

    public string Training { get; }

    /// <summary>Null: whole images. Less than a config may say where the images are too small.</summary>
    public int? Crop { get; }

    public int? SamplesPerEpoch { get; }

    public int Batch { get; }

    /// <summary>Whether the data set has folds and no training split: then one is validated on, and all others are trained on.</summary>
    private bool IsFolded => Training != "train" && FoldNames.Among(_dataset.Manifest.Splits.Keys).Count > 1;

    /// <summary>What can be trained on: <c>train</c>, or else the largest of the splits that have a changed pixel; null where none has.</summary>
    public static string? TrainingSplit(DatasetManifest manifest)
    {
        var usable = Named(manifest).Where(split => split.Value.ChangeFraction > 0).ToList();
        return usable.Exists(split => split.Key == "train") ? "train" : usable.MaxBy(split => split.Value.Samples).Key;
    }

    /// <param name="file">Name of the config.</param>
    /// <param name="schema">Name of the schema beside it.</param>
    public string Text(string file, string schema)
    {
        var (manifest, text) = (_dataset.Manifest, new StringBuilder());
        var (validation, test) = (Other(s_validation), Other(s_test));
        Line($"# yaml-language-server: $schema={schema}");
        Line($"# For the data set '{manifest.Name}', made by `changedetection init`. Check it with `changedetection validate {file}`, queue it with");
        Line($"# `changedetection submit {file}`. Keys that do not stand here have their defaults; `changedetection schema` tells all of them.");
        Line("version: 1");
        Line($"name: {Yaml(Name)}");
        Line("seed: 0                            # same seed, same data, same settings: the same weights; seeds: 3 trains three runs");
        Line("");
        Line("dataset:");
        Line($"  uri: {Yaml(_dataset.Store.Root.AbsoluteUri.TrimEnd('/'))}");
        if (IsFolded)
            Line(
                $"  fold: {FoldNames.Among(manifest.Splits.Keys)[0]}                          # validated on; all others are trained on. Each in turn: " +
                "matrix: [{ key: dataset.fold, values: [0, 1, …] }]");
        Line(IsFolded ? "  train:" : $"  train:                           # {About(Training)}");
        Line(IsFolded ? "    shuffle_shards: 16" : $"    split: {Yaml(Training)}");
        Line(CropLine());
        if (SamplesPerEpoch is { } draws)
            Line($"    samples_per_epoch: {draws}      # crops of an epoch: as many as lie side by side in the images");
        if (!IsFolded)
            Line(validation is null
                ? "  validate: none                   # the data set has no split for it; the last checkpoint counts"
                : $"  validate: {{ split: {Yaml(validation)} }}          # {About(validation)}");
        if (!IsFolded || test is not null)
            Line(test is null
                ? "  test: none                       # the data set has no split for it"
                : $"  test: {{ split: {Yaml(test)} }}             # {About(test)}");
        Line("normalize: dataset                 # by the means and deviations of the data set; others: image, unit");
        Line("");
        Line("model:");
        Line("  name: fc-siam-diff               # `changedetection model list` names the others");
        Line($"  channels: {manifest.Channels}                      # per date, as in the data set");
        Line($"  classes: {manifest.Classes?.Count ?? 2}                       # {Classes(manifest)}");
        Line($"loss: {{ name: nll, class_weights: auto }}       # others: {string.Join(", ", LossNames.All.Except([LossNames.Nll]))}");
        Line("optimizer: { name: adam, lr: 1e-3, weight_decay: 1e-4 }");
        Line("schedule: { name: exponential, gamma: 0.95 }");
        Line("train:");
        Line($"  batch_size: {Batch}                   # halve it when memory is short");
        Line("  epochs: 50");
        if (validation is null && !IsFolded)
            Line("checkpoint: { metric: train/loss, mode: min }");
        Line(test is null && !IsFolded ? "evaluate: none" : "evaluate: { from: best }");
        return text.ToString();

        void Line(string line)
        {
            if (line.Length > 0 || text.Length > 0)
                text.Append(line).Append('\n');
        }
    }

    private string CropLine() => (Crop, _sizes) switch
    {
        ({ } side, var sizes) => string.Create(
            CultureInfo.InvariantCulture,
            $"    crop: {side}                      # of images {sizes}{(_ofAll ? "" : ", as far as a look at some of them tells")}"),
        (null, { } whole) => $"    # crop: 128                    # without it whole images, {whole}",
        _ => "    # crop: 256                    # without it whole images, which must then be of one size",
    };

    private string About(string split)
    {
        var found = _dataset.Manifest.Splits[split];
        var plural = found.Samples == 1 ? "" : "s";
        return string.Create(CultureInfo.InvariantCulture, $"{found.Samples} sample{plural}, {found.ChangeFraction * 100:0.###} % of the pixels changed");
    }

    private string? Other(string[] names) => names.FirstOrDefault(
        name => name != Training && _dataset.Manifest.Splits.TryGetValue(name, out var split) && !split.Unlabelled);

    private static string Classes(DatasetManifest manifest) =>
        manifest.Classes is { } classes ? string.Join(", ", classes.Select((one, label) => $"{label} {one.Name}")) : "no change, change";

    /// <summary>Splits that have masks, and names that a config may say.</summary>
    private static IEnumerable<KeyValuePair<string, SplitManifest>> Named(DatasetManifest manifest) =>
        manifest.Splits.Where(split => !split.Value.Unlabelled && SplitName().IsMatch(split.Key)).OrderBy(split => split.Key, StringComparer.Ordinal);

    /// <summary>A plain scalar where every reader takes it for a text, and else one in quotes.</summary>
    private static string Yaml(string text) =>
        Plain().IsMatch(text) && !s_notText.Contains(text.ToLowerInvariant()) ? text : JsonSerializer.Serialize(text);

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_-]*(://?/?[A-Za-z0-9._/~%-]+)?\z")]
    private static partial Regex Plain();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex SplitName();
}
