using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary>
/// Whether the data sets that a config names are there and fit it: every mistake at once, each at its line, beside those that the config has by itself.
/// </summary>
internal sealed class DatasetCheck
{
    private const string Uri = "dataset.uri";

    private readonly PlacedConfig _config;
    private readonly string _more;
    private readonly Dictionary<Uri, (ShardDataset? Dataset, string? Problem)> _opened = [];
    private readonly Dictionary<(Uri, string), SplitSizes?> _sizes = [];

    private DatasetCheck(PlacedConfig config, string more) => (_config, _more) = (config, more);

    /// <param name="more">What else can be done about a data set that is not there: sentences that begin with a space.</param>
    /// <returns>The data sets, with their addresses as the config has them.</returns>
    /// <exception cref="ConfigurationException">The config is wrong, or a data set is not there or does not fit.</exception>
    /// <exception cref="ShardCorruptException">A data set is damaged.</exception>
    /// <exception cref="IOException">A store does not answer.</exception>
    public static async Task<IReadOnlyList<(Uri Uri, ShardDataset Dataset)>> RequireAsync(
        PlacedConfig config, string more, CancellationToken cancellationToken)
    {
        var check = new DatasetCheck(config, more);
        // Where the address is wrong, its error is all that can be said.
        if (!config.IsWrongAt(Uri))
            await check.AddAllAsync(cancellationToken);
        config.Require();
        return [.. check._opened.Select(one => (one.Key, one.Value.Dataset!))];
    }

    private async Task AddAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A matrix that is wrong has no runs; what its values would change is judged when they are right.
            var runs = _config.IsWrong ? [_config.Config] : ExperimentMatrix.Expand(_config.Config);
            var found = new List<(ConfigViolation Violation, string Run)>();
            foreach (var run in runs.DistinctBy(run => run with { Name = "", Seed = 0 }))
                found.AddRange((await ViolationsAsync(run, cancellationToken)).Select(violation => (violation, run.Name)));
            var axes = runs.Count > 1 ? _config.Config.Matrix.Select(axis => axis.Key).ToHashSet() : [];
            foreach (var same in found.GroupBy(one => (one.Violation.Path, one.Violation.Message)))
                _config.Add(InMatrix(same.First().Violation, same.First().Run, axes));
        }
        // What the config has by itself is the nearer thing to tell.
        catch (Exception exception) when (exception is not OperationCanceledException && _config.IsWrong)
        {
        }
    }

    /// <summary>What rests on a value of the matrix stands there, and says of which run it is.</summary>
    private static ConfigViolation InMatrix(ConfigViolation violation, string run, HashSet<string> axes) =>
        axes.Contains(violation.Path) || violation.With.Any(axes.Contains)
            ? new("matrix", $"in the run '{run}' {violation.Path} {violation.Message}", violation.Remedy)
            : violation;

    private async Task<List<ConfigViolation>> ViolationsAsync(ExperimentConfig config, CancellationToken cancellationToken)
    {
        var (violations, trained) = (new List<ConfigViolation>(), new List<TrainedSplit>());
        var first = await OpenAsync(config.Dataset.Uri, Uri, violations, cancellationToken);
        if (first is not null)
        {
            violations.AddRange(DatasetCompatibility.Violations(config, first));
            if (DatasetCompatibility.TrainedOn(config, first) is var (joined, split))
                await AddTrainedAsync(trained, joined, split, cancellationToken);
        }
        foreach (var (index, mixed) in config.Dataset.Train.Mix.Index())
        {
            if (await OpenAsync(mixed.Uri, $"dataset.train.mix[{index}].uri", violations, cancellationToken) is not { } other)
                continue;
            violations.AddRange(DatasetCompatibility.MixViolations(config, index, other, first));
            await AddTrainedAsync(trained, other, mixed.Split, cancellationToken);
        }
        violations.AddRange(DatasetCompatibility.SizeViolations(config, trained));
        return violations;
    }

    private async Task AddTrainedAsync(List<TrainedSplit> trained, ShardDataset dataset, string name, CancellationToken cancellationToken)
    {
        if (!dataset.Manifest.Splits.TryGetValue(name, out var split))
            return;
        if (!_sizes.TryGetValue((dataset.Store.Root, name), out var sizes))
            _sizes[(dataset.Store.Root, name)] = sizes = (await ImageSizes.OfAsync(dataset, split, cancellationToken)).Sizes;
        trained.Add(new(dataset, name, split, sizes));
    }

    /// <summary>Null where there is none, which has then been noted.</summary>
    private async Task<ShardDataset?> OpenAsync(Uri uri, string key, List<ConfigViolation> violations, CancellationToken cancellationToken)
    {
        if (!_opened.TryGetValue(uri, out var opened))
            _opened[uri] = opened = await OpenAsync(uri, cancellationToken);
        if (opened.Problem is { } problem)
            violations.Add(new(key, problem + Relative(key), $"Correct the address, or write the data set with changedetection dataset pack.{_more}"));
        return opened.Dataset;
    }

    private static async Task<(ShardDataset? Dataset, string? Problem)> OpenAsync(Uri uri, CancellationToken cancellationToken)
    {
        try
        {
            var store = ObjectStores.Open(uri, StorageSettings.OfEnvironment(privateAddresses: true));
            return (await ShardDataset.OpenAsync(store, cancellationToken), null);
        }
        catch (DatasetMissingException missing)
        {
            return (null, $"{missing.Root} holds no {DatasetManifest.FileName}, so there is no finished data set");
        }
        catch (StoreUriException wrong)
        {
            return (null, wrong.Message.TrimEnd('.'));
        }
    }

    /// <summary>A config that was copied elsewhere names another folder by the same words.</summary>
    private string Relative(string key) =>
        _config.TextAt(key) is { Length: > 0 } text && text[0] != '/' && !text.Contains("://", StringComparison.Ordinal)
            ? $" (it says {text}, which is taken from the config's folder)"
            : "";
}
