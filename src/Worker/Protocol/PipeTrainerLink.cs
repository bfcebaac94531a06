using System.Collections.Concurrent;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Worker.Protocol;

/// <summary>
/// The trainer's end of the pipe. Writes block while the worker does not read (it buffers for the length of an outage, within bounds),
/// so a trainer never runs further ahead of the database than the worker can hold.
/// </summary>
public sealed class PipeTrainerLink(TextWriter output) : ITrainerLink, IDisposable
{
    private readonly Lock _writing = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _offers = new();

    public CancellationToken StopRequested => _stop.Token;

    public void Hello(Numerics numerics) => Send(new HelloMessage(numerics));
    public void Progress(RunProgress progress) => Send(new ProgressMessage(progress));
    public void Metrics(IReadOnlyList<MetricPoint> points) => Send(new MetricsMessage(points));
    public void Log(TrainerLogLevel level, string text) => Send(new LogMessage(level, text));
    public void Event(string type, string detail) => Send(new EventMessage(type, detail));
    public void CheckpointDamaged(string prefix, string problem) => Send(new DamagedCheckpointMessage(prefix, problem));
    public void Artifact(ArtifactRecord artifact) => Send(new ArtifactMessage(artifact));
    public void Strip(StoredStrip strip) => Send(new StripMessage(strip));
    public void End(TrainerOutcome outcome) => Send(new EndMessage(outcome));

    public async Task OfferCheckpointAsync(CheckpointRecord checkpoint, CancellationToken cancellationToken)
    {
        var answered = _offers.GetOrAdd(checkpoint.Prefix, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        Send(new CheckpointMessage(checkpoint));
        // No time limit of our own: during an outage of the database the answer comes when it is over, and a lost lease ends the process.
        await answered.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Takes in the worker's messages.</summary>
    public void Receive(WorkerMessage message)
    {
        switch (message)
        {
            case StopMessage:
                _stop.Cancel();
                break;
            case CheckpointAnswer answer when _offers.TryRemove(answer.Prefix, out var offer):
                offer.TrySetResult();
                break;
        }
    }

    public void Dispose() => _stop.Dispose();

    private void Send(TrainerMessage message)
    {
        var line = ProtocolJson.Write(message);
        lock (_writing)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
