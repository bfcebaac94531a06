using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>Keeps what a trainer says, and can ask it to stop when it has said something.</summary>
internal sealed class RecordingLink : ITrainerLink
{
    private readonly CancellationTokenSource _stop = new();

    public List<MetricPoint> Points { get; } = [];
    public List<CheckpointRecord> Offers { get; } = [];
    public List<(string Type, string Detail)> Events { get; } = [];
    public List<ArtifactRecord> Artifacts { get; } = [];
    public List<StoredStrip> Strips { get; } = [];
    public List<RunProgress> Reports { get; } = [];
    public List<string> Lines { get; } = [];
    public Numerics? Numerics { get; private set; }

    public CancellationToken StopRequested => _stop.Token;

    /// <summary>References to everything offered so far, newest first, as a worker hands them to the next attempt.</summary>
    public IReadOnlyList<CheckpointReference> NewestFirst
        => [.. Offers.AsEnumerable().Reverse().Select(offer => offer.Reference)];

    /// <summary>Called on the compute thread, when a checkpoint is offered and when an event is told.</summary>
    public Action? OnOffer { get; init; }
    public Action<string>? OnEvent { get; init; }
    public Action? OnStrip { get; init; }

    public void Stop() => _stop.Cancel();

    public void Hello(Numerics numerics) => Numerics = numerics;

    public void Progress(RunProgress progress) => Reports.Add(progress);

    public void Metrics(IReadOnlyList<MetricPoint> points) => Points.AddRange(points);

    public void Log(TrainerLogLevel level, string text) => Lines.Add(text);

    public void Event(string type, string detail)
    {
        Events.Add((type, detail));
        OnEvent?.Invoke(type);
    }

    public void CheckpointDamaged(string prefix, string problem) => Event("checkpoint-damaged", problem);

    public Task OfferCheckpointAsync(CheckpointRecord checkpoint, CancellationToken cancellationToken)
    {
        Offers.Add(checkpoint);
        OnOffer?.Invoke();
        return Task.CompletedTask;
    }

    public void Artifact(ArtifactRecord artifact) => Artifacts.Add(artifact);

    public void Strip(StoredStrip strip)
    {
        Strips.Add(strip);
        OnStrip?.Invoke();
    }
}
