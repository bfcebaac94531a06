using System.Text.Json.Nodes;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Parameters;
using ChangeDetection.Core.Configuration.Schema;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Core.Planning;

/// <summary>What somebody wants imported.</summary>
/// <param name="Normalize"><c>unit</c>, <c>image</c>, <c>imagenet</c>, <c>mean=M,M,M;deviation=D,D,D</c> or <c>dataset:URI</c>.</param>
/// <param name="Set">Options of the network and of the run, each <c>model.KEY=value</c> or <c>resources.KEY=value</c>.</param>
public sealed record ImportRequest(string FileName, string Model, int Channels, string Normalize, IReadOnlyList<string> Set)
{
    /// <summary>The entry of a PyTorch file that holds the weights, dotted; empty: it is found.</summary>
    public string Key { get; init; } = "";
    /// <summary>Rules for the file's names, each <see cref="ParameterRename.Form"/>.</summary>
    public IReadOnlyList<string> Rename { get; init; } = [];
    /// <summary>What the file says of itself: the network's options, and what an evaluation goes by. Null where it says nothing.</summary>
    public WeightsMeaning? Meaning { get; init; }
}

/// <summary>
/// Turns a file of weights into an experiment of one run of kind import. Its config is one like any other: <c>model</c> the network,
/// <c>model.init</c> the file in the store, <c>normalize</c> how images become its input. Where no data set is named, <c>dataset.uri</c> is where the
/// file lies.
/// </summary>
public static class ImportPlanner
{
    private const string DatasetPrefix = "dataset:";
    private const int MaxName = 60;

    /// <summary>What <c>--normalize</c> takes.</summary>
    public const string NormalizeForms = $"unit, image, imagenet, {Normalization.Form} or dataset:URI";

    private const string NormalizeRemedy =
        "With dataset:URI, the statistics of that data set are kept with the weights. Means and deviations are of values divided by their type's largest " +
        "(0 to 1), a number for each channel; with ;units=stored behind them, of values as they are.";

    private static readonly string[] s_settable = ["model.dropout", "model.activation", "model.shared_towers", "resources."];

    /// <param name="upload">Where the file is, or will be before this is submitted.</param>
    /// <param name="baseFolder">Folder that a relative path of a data set is taken from.</param>
    /// <exception cref="ConfigurationException">The wish is no config: every error, with the option's words.</exception>
    public static ExperimentPlan Plan(ImportRequest wish, Guid run, Uri upload, string baseFolder, DateTimeOffset now)
    {
        foreach (var option in wish.Set)
        {
            if (!s_settable.Any(key => option.StartsWith(key, StringComparison.Ordinal)))
                throw Wrong(
                    $"--set {option}", "cannot be set for an import",
                    $"There are: {string.Join(", ", s_settable.Select(key => key.TrimEnd('.')))}; network and channels have options of their own.");
        }
        foreach (var rule in wish.Rename)
        {
            if (ParameterRename.TryParse(rule) is null)
                throw Wrong($"--rename {rule}", "is no rule for names", $"It is {ParameterRename.Form}.");
        }
        var (normalize, dataset) = wish.Normalize.StartsWith(DatasetPrefix, StringComparison.Ordinal)
            ? (Normalization.Dataset, wish.Normalize[DatasetPrefix.Length..])
            : Normalization.TryParse(wish.Normalize) is { Kind: not NormalizationKind.Dataset } known
                ? (known, new Uri(upload, ".").AbsoluteUri)
                : throw Wrong($"--normalize {wish.Normalize}", $"must be {NormalizeForms}", NormalizeRemedy);
        var document = Document(wish, normalize, dataset, upload);
        wish.Meaning?.AddTo(document);
        var source = document.ToJsonString();
        var config = ExperimentConfigReader.Read(source, "checkpoint import.json", baseFolder, wish.Set);
        var (json, digest) = (ExperimentJson.Serialize(config), ExperimentDigest.Of(config));
        // Whatever device it names: it waits for none.
        var planned = new PlannedRun(run, config.Name, RunKind.Import, json, digest, DeviceClass.Any, config.Resources.Priority, WaitsFor: null);
        return new ExperimentPlan(
            new Experiment { Id = Guid.CreateVersion7(now), Name = config.Name, Config = json, Source = source, Digest = digest }, [planned]);
    }

    private static JsonObject Document(ImportRequest wish, Normalization normalize, string dataset, Uri upload) => new()
    {
        ["version"] = 1,
        ["name"] = Name(wish),
        ["dataset"] = new JsonObject { ["uri"] = dataset, ["validate"] = "none", ["test"] = "none" },
        ["normalize"] = NormalizationValue.Node(normalize),
        ["model"] = new JsonObject { ["name"] = wish.Model, ["channels"] = wish.Channels, ["init"] = Init(wish, upload) },
        ["checkpoint"] = new JsonObject { ["metric"] = MetricNames.TrainLoss, ["mode"] = "min" },
        ["evaluate"] = "none",
        // A copy of some megabytes, for which somebody waits.
        ["resources"] = new JsonObject { ["threads"] = 1, ["priority"] = 9 },
    };

    private static JsonNode Init(ImportRequest wish, Uri upload) => wish is { Key: "", Rename.Count: 0 }
        ? JsonValue.Create(upload.AbsoluteUri)
        : new JsonObject
        {
            ["from"] = upload.AbsoluteUri,
            ["key"] = wish.Key,
            ["rename"] = new JsonArray([.. wish.Rename.Select(rule => JsonValue.Create(rule))]),
        };

    /// <summary>The file's name, as far as a run may be called so.</summary>
    private static string Name(ImportRequest wish)
    {
        var name = string.Concat(
            Path.GetFileNameWithoutExtension(wish.FileName).Take(MaxName).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '-'))
            .Trim('.', '_', '-');
        return name.Length > 0 ? $"import {name}" : $"import {wish.Model}";
    }

    private static ConfigurationException Wrong(string where, string message, string remedy) =>
        new(new ConfigurationError(where, null, null, "", message, remedy));
}
