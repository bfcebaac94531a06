using System.Text.Json;
using System.Text.Json.Serialization;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Worker.Protocol;

/// <summary>A trainer's messages: one JSON object a line.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(HelloMessage), "hello")]
[JsonDerivedType(typeof(ProgressMessage), "progress")]
[JsonDerivedType(typeof(MetricsMessage), "metrics")]
[JsonDerivedType(typeof(LogMessage), "log")]
[JsonDerivedType(typeof(EventMessage), "event")]
[JsonDerivedType(typeof(CheckpointMessage), "checkpoint")]
[JsonDerivedType(typeof(DamagedCheckpointMessage), "checkpoint-damaged")]
[JsonDerivedType(typeof(ArtifactMessage), "artifact")]
[JsonDerivedType(typeof(StripMessage), "strip")]
[JsonDerivedType(typeof(EndMessage), "end")]
public abstract record TrainerMessage;

public sealed record HelloMessage(Numerics Numerics) : TrainerMessage;
public sealed record ProgressMessage(RunProgress Progress) : TrainerMessage;
public sealed record MetricsMessage(IReadOnlyList<MetricPoint> Points) : TrainerMessage;
public sealed record LogMessage(TrainerLogLevel Level, string Text) : TrainerMessage;
public sealed record EventMessage(string Name, string Detail) : TrainerMessage;
public sealed record CheckpointMessage(CheckpointRecord Checkpoint) : TrainerMessage;
public sealed record DamagedCheckpointMessage(string Prefix, string Problem) : TrainerMessage;
public sealed record ArtifactMessage(ArtifactRecord Artifact) : TrainerMessage;
public sealed record StripMessage(StoredStrip Strip) : TrainerMessage;
public sealed record EndMessage(TrainerOutcome Outcome) : TrainerMessage;

/// <summary>The worker's own first message in a run's outbox: the trainer's process id. It never crosses the pipe.</summary>
public sealed record StartedMessage(int Pid) : TrainerMessage;

/// <summary>A worker's messages to its trainer: one JSON object a line. The end of the stream means: the worker is gone, end yourself.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(AssignmentMessage), "assignment")]
[JsonDerivedType(typeof(CheckpointAnswer), "checkpoint-answer")]
[JsonDerivedType(typeof(StopMessage), "stop")]
public abstract record WorkerMessage;

public sealed record AssignmentMessage(TrainerAssignment Assignment) : WorkerMessage;
/// <summary>The row of the checkpoint under this prefix is committed.</summary>
public sealed record CheckpointAnswer(string Prefix) : WorkerMessage;
/// <summary>Make a checkpoint at the next step boundary, and end.</summary>
public sealed record StopMessage : WorkerMessage;

/// <summary>How both ends write their lines.</summary>
public static class ProtocolJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        AllowOutOfOrderMetadataProperties = true,
    };

    public static string Write(TrainerMessage message) => JsonSerializer.Serialize(message, Options);
    public static string Write(WorkerMessage message) => JsonSerializer.Serialize(message, Options);
    public static TrainerMessage? ReadTrainer(string line) => JsonSerializer.Deserialize<TrainerMessage>(line, Options);
    public static WorkerMessage? ReadWorker(string line) => JsonSerializer.Deserialize<WorkerMessage>(line, Options);
}
