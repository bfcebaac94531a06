using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Schema;

namespace ChangeDetection.Core.Checkpoints;

/// <summary>
/// What a file of weights says of itself: all that is needed to use it, as JSON under the key <see cref="Key"/>. A function of config and data set alone, so
/// that equal runs export equal files. The stored weights do not have it: their hash is a function of the tensors.
/// </summary>
/// <param name="Normalization">With figures.</param>
/// <param name="Pixels">That it was trained on; null where nobody knows.</param>
/// <param name="Mask">Of its training; null where nobody knows.</param>
/// <param name="Training">Of its training's config what an evaluation goes by, in the config's keys: seed, loss, batch size, threads, training split.</param>
public sealed record WeightsMeaning(
    CheckpointModel Network, CheckpointNormalization Normalization, CheckpointPixels? Pixels, CheckpointMask? Mask, JsonObject Training)
{
    public const string Key = "changedetection";
    public const int CurrentFormat = 1;
    /// <summary>It is about 1 kB, and more with hundreds of bands; a longer one is refused before it is parsed.</summary>
    public const int MaxBytes = 1024 * 1024;

    private static readonly string[] s_training =
        ["seed", "loss", "train.batch_size", "train.deterministic", "resources.threads", "dataset.train.split"];

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        MaxDepth = 16,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Of a checkpoint.</summary>
    /// <param name="config">Of the run that published it; null where it is not known.</param>
    public static WeightsMeaning Of(CheckpointManifest manifest, ExperimentConfig? config) =>
        new(manifest.Model, manifest.Normalization, manifest.Pixels, manifest.Mask, config is null ? [] : TrainingOf(config));

    /// <summary>One line of JSON, keys in a fixed order.</summary>
    public string ToJson() => JsonSerializer.Serialize(new Document(
        CurrentFormat,
        new NetworkPart(Network.Name, Network.Channels, Network.Classes ?? 2) { Activation = Network.Activation, SharedTowers = Network.SharedTowers },
        new NormalizationPart(Normalization.Kind) { Units = UnitsOf(Normalization), Mean = Normalization.Mean, Deviation = Normalization.Deviation },
        Training) { Pixels = Pixels, Mask = Mask }, s_json);

    /// <param name="subject">The file, for messages.</param>
    /// <exception cref="CheckpointInvalidException">It is none of a format that is known here.</exception>
    public static WeightsMeaning Parse(string json, string subject)
    {
        try
        {
            if (JsonNode.Parse(json) is not JsonObject { } found || found["format"] is not JsonValue value || !value.TryGetValue<int>(out var format))
                throw new JsonException("it has no format number");
            if (format != CurrentFormat)
                throw Invalid(subject, $"is of format {format}, and this program reads {CurrentFormat}; use the version that wrote it, or a newer one");
            var document = JsonSerializer.Deserialize<Document>(json, s_json) ?? throw new JsonException("it is null");
            var (network, kept) = (document.Network, document.Normalization);
            var meaning = new WeightsMeaning(
                new CheckpointModel(network.Name, network.Channels)
                {
                    Activation = network.Activation, SharedTowers = network.SharedTowers, Classes = network.Classes == 2 ? null : network.Classes,
                },
                new CheckpointNormalization(kept.Kind, kept.Mean, kept.Deviation), document.Pixels, document.Mask, document.Training);
            if (kept.Units != UnitsOf(meaning.Normalization) || meaning.Normalization.ToFigures() is null)
                throw Invalid(subject, $"has a normalization '{kept.Kind}' that is not known here, or without its figures; use the version that wrote it");
            if (meaning.Pixels?.Problem(network.Channels) is { } problem)
                throw Invalid(subject, $"says that what it was trained on {problem}");
            if (!JsonNode.DeepEquals(Only(document.Training), document.Training))
                throw Invalid(subject, $"has more under 'training' than {string.Join(", ", s_training)}; use the version that wrote it");
            meaning.ToConfig(new Uri("file:///"), subject);
            return meaning;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw Invalid(subject, $"is damaged: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    /// <summary>A config of this network and normalisation, with what an evaluation goes by; the rest as it is by default.</summary>
    /// <param name="place">The data set's address, which it does not know.</param>
    /// <exception cref="CheckpointInvalidException">It names what this version does not know, such as a network.</exception>
    public ExperimentConfig ToConfig(Uri place, string subject)
    {
        var document = new JsonObject
        {
            ["name"] = "weights",
            ["dataset"] = new JsonObject { ["uri"] = place.AbsoluteUri, ["validate"] = "none", ["test"] = "none" },
            ["normalize"] = NormalizationValue.Node(Normalization.ToFigures()!),
            ["model"] = new JsonObject { ["name"] = Network.Name, ["channels"] = Network.Channels },
            ["checkpoint"] = new JsonObject { ["metric"] = MetricNames.TrainLoss, ["mode"] = "min" },
            ["evaluate"] = "none",
        };
        AddTo(document);
        try
        {
            return ExperimentJson.Deserialize(document.ToJsonString());
        }
        catch (ConfigurationException exception)
        {
            var problems = string.Join(' ', exception.Errors.Select(error => $"{error.Path} {error.Message}."));
            throw Invalid(subject, $"says what this version does not know: {problems.TrimEnd('.')}", exception);
        }
    }

    /// <summary>Whether the same images become the same input of the same network.</summary>
    public bool IsUsedAs(WeightsMeaning other) => Network == other.Network && Normalization == other.Normalization;

    /// <summary>Adds the network's options and what an evaluation goes by to a config's document of this network.</summary>
    internal void AddTo(JsonObject document)
    {
        var model = new JsonObject { ["classes"] = Network.Classes ?? 2, ["shared_towers"] = Network.SharedTowers };
        if (Network.Activation is { } activation)
            model["activation"] = activation;
        Merge(document, new JsonObject { ["model"] = model });
        Merge(document, Training);
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (key, value) in from)
        {
            if (value is JsonObject section && into[key] is JsonObject existing)
                Merge(existing, section);
            else
                into[key] = value?.DeepClone();
        }
    }

    private static JsonObject TrainingOf(ExperimentConfig config) => Only((JsonObject)JsonNode.Parse(ExperimentJson.Serialize(config))!);

    /// <summary>What stands under <see cref="s_training"/>, and nothing else.</summary>
    private static JsonObject Only(JsonObject document)
    {
        var kept = new JsonObject();
        foreach (var path in s_training)
        {
            var keys = path.Split('.');
            if (keys.Aggregate<string, JsonNode?>(document, (node, key) => (node as JsonObject)?[key]) is { } value)
                Merge(kept, (JsonObject)keys.Reverse().Aggregate(value.DeepClone(), (node, key) => new JsonObject { [key] = node }));
        }
        return kept;
    }

    private static string? UnitsOf(CheckpointNormalization normalization) => normalization.Mean is null ? null
        : normalization.Kind == Configuration.Normalization.Dataset.ToString() ? "stored" : "range";

    private static CheckpointInvalidException Invalid(string subject, string problem, Exception? inner = null) =>
        new(subject, $"what it says of itself (its key '{Key}') {problem}.", inner);

    private sealed record Document(int Format, NetworkPart Network, NormalizationPart Normalization, JsonObject Training)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public CheckpointPixels? Pixels { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public CheckpointMask? Mask { get; init; }
    }

    private sealed record NetworkPart(string Name, int Channels, int Classes)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Activation { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool SharedTowers { get; init; }
    }

    private sealed record NormalizationPart(string Kind)
    {
        /// <summary>Of the figures: <c>stored</c> values, or parts of their type's <c>range</c>.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Units { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<double>? Mean { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<double>? Deviation { get; init; }
    }
}
