using System.Text.Json;
using System.Text.Json.Serialization;
using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Checkpoints;

/// <summary>
/// What stands beside a checkpoint's tensors in <c>manifest.json</c>: whose it is, where the run stood, and the hashes of its files.
/// The row that publishes the checkpoint holds the hash of this file, so everything is bound to it.
/// </summary>
public sealed record CheckpointManifest
{
    public const string FileName = "manifest.json";
    public const string WeightsFile = "weights.safetensors";
    public const string OptimizerFile = "optimizer.safetensors";
    public const int CurrentFormat = 1;
    /// <summary>A manifest is about 2 kB; nobody reads more than this of what claims to be one.</summary>
    public const int MaxBytes = 1024 * 1024;

    public required int Format { get; init; }
    public required Guid Run { get; init; }
    public required int Attempt { get; init; }
    /// <summary>Completed epochs: the one to go on in, from 0.</summary>
    public required int Epoch { get; init; }
    /// <summary>Optimizer steps since the beginning.</summary>
    public required long Step { get; init; }
    /// <summary>Samples of the epoch that are done: where to go on in its order.</summary>
    public required int Position { get; init; }
    /// <summary>Digest of the config that it was trained under.</summary>
    public required string ConfigDigest { get; init; }
    /// <summary>SHA-256 of the <c>dataset.json</c> that it was trained on, which names the data down to the last bit; null: not known.</summary>
    public string? DatasetSha256 { get; init; }
    public required CheckpointModel Model { get; init; }
    /// <summary>How pixels became the network's input: whoever predicts with these weights has to do the same.</summary>
    public required CheckpointNormalization Normalization { get; init; }
    /// <summary>The pixels that it was trained on; null where the data set did not say, and for weights that were not trained here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CheckpointPixels? Pixels { get; init; }
    /// <summary>What the masks meant that it was trained on; null where nobody knows, and for weights that were not trained here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CheckpointMask? Mask { get; init; }
    /// <summary>What its classes are called, no change first; null where nobody knows, or where several of the masks' classes were change together.</summary>
    [JsonIgnore]
    public IReadOnlyList<string>? ClassNames =>
        Mask is { Chosen: null, Classes: { } classes } && classes.Count == (Model.Classes ?? 2) ? [.. classes.Select(one => one.Name)] : null;
    /// <summary>The files by name.</summary>
    public required IReadOnlyDictionary<string, CheckpointFileEntry> Files { get; init; }
    public required RunningState State { get; init; }
    /// <summary>The last validation's metrics by name; empty between epochs.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }
    public required Numerics Numerics { get; init; }
    public required DateTimeOffset WrittenAt { get; init; }

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        MaxDepth = 16,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The epoch that was being trained, from 1.</summary>
    [JsonIgnore]
    public int EpochNumber => Checkpoints.EpochNumber.Of(Epoch, Position);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <exception cref="CheckpointInvalidException">These bytes are not a manifest of a format that is known here.</exception>
    public static CheckpointManifest Parse(ReadOnlySpan<byte> json, string subject)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<CheckpointManifest>(json, s_json) ?? throw new JsonException("it is null");
            if (manifest.Format != CurrentFormat)
                throw new CheckpointInvalidException(subject,
                    $"its format is {manifest.Format}, and this program reads {CurrentFormat}; use the version that wrote it.");
            if (manifest.Epoch < 0 || manifest.Step < 0 || manifest.Position < 0 || manifest.State.LossSteps < 0)
                throw new CheckpointInvalidException(subject, "it holds a negative epoch, step or position.");
            if (manifest.Pixels?.Problem(manifest.Model.Channels) is { } problem)
                throw new CheckpointInvalidException(subject, $"what it was trained on {problem}.");
            if (manifest.ClassNames is { } names && names.Count != (manifest.Model.Classes ?? 2))
                throw new CheckpointInvalidException(subject, $"it names {names.Count} classes, and its network tells {manifest.Model.Classes ?? 2} apart.");
            return manifest;
        }
        catch (JsonException exception)
        {
            throw new CheckpointInvalidException(subject, $"it is not a checkpoint's manifest: {exception.Message}", exception);
        }
    }
}

/// <summary>The network whose weights these are.</summary>
public sealed record CheckpointModel(string Name, int Channels)
{
    /// <summary>Of a network that has the choice: what stands behind a hidden layer. Null where it is as published.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Activation { get; init; }

    /// <summary>Of a network that has the choice: whether one tower serves both dates.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SharedTowers { get; init; }

    /// <summary>Classes that it tells apart. Null for change and no change.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Classes { get; init; }

    /// <summary>What a config says of it.</summary>
    public static CheckpointModel Of(ModelConfig config) => new(config.Name, config.Channels)
    {
        Activation = config.Activation == ActivationNames.None ? null : config.Activation,
        SharedTowers = config.SharedTowers,
        Classes = config.Classes == 2 ? null : config.Classes,
    };

    /// <summary>A config that makes this network; initial weights and dropout, which it does not depend on, as they are by default.</summary>
    public ModelConfig ToConfig() => new()
    {
        Name = Name,
        Channels = Channels,
        Activation = Activation ?? ActivationNames.None,
        SharedTowers = SharedTowers,
        Classes = Classes ?? 2,
    };
}

/// <summary>Length, and SHA-256 in lower-case hexadecimal.</summary>
public sealed record CheckpointFileEntry(long Bytes, string Sha256);

/// <summary>Sums that go on over the epoch, and the best epoch so far (null before the first validation).</summary>
public sealed record RunningState(double LossSum, int LossSteps, BestSoFar? Best);

/// <summary>The best value of the configured metric, and the step at whose end it was reached.</summary>
public sealed record BestSoFar(string Metric, double Value, int Epoch, long Step);
