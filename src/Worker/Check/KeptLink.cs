using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Protocol;


namespace ChangeDetection.Worker.Check;

/// <summary>The link of a trainer without a worker: what is for people goes to standard error, checkpoints are accepted, and it can be stopped.</summary>
internal sealed class KeptLink : ITrainerLink, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public CancellationToken StopRequested => _stop.Token;

    public void Stop() => _stop.Cancel();

    public void Hello(Numerics numerics)
    {
    }

    public void Progress(RunProgress progress)
    {
    }

    public void Metrics(IReadOnlyList<MetricPoint> points)
    {
    }

    public void Log(TrainerLogLevel level, string text) => Console.Error.WriteLine(text);

    public void Event(string type, string detail) => Console.Error.WriteLine($"{type}: {detail}");

    public Task OfferCheckpointAsync(CheckpointRecord offer, CancellationToken cancellationToken) => Task.CompletedTask;

    public void CheckpointDamaged(string prefix, string problem) => Event("checkpoint-damaged", $"{prefix}: {problem}");

    public void Artifact(ArtifactRecord offer)
    {
    }

    public void Strip(StoredStrip strip)
    {
    }

    public void Dispose() => _stop.Dispose();
}
