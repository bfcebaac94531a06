using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Supervision;

/// <summary>How many bytes of messages an outbox holds at most. A message larger than all of it enters when nothing else is there.</summary>
public sealed class OutboxBudget(long capacity)
{
    private const int Envelope = 200;
    private const int Point = 100;

    private readonly Lock _counting = new();
    private TaskCompletionSource _left = NewSignal();
    private long _held;
    private bool _closed;

    /// <summary>About what a message takes in memory, in bytes: its text, its points, and what every object costs.</summary>
    public static long SizeOf(TrainerMessage message) => Envelope + message switch
    {
        LogMessage log => sizeof(char) * (long)log.Text.Length,
        EventMessage entry => sizeof(char) * ((long)entry.Name.Length + entry.Detail.Length),
        DamagedCheckpointMessage damaged => sizeof(char) * ((long)damaged.Prefix.Length + damaged.Problem.Length),
        MetricsMessage metrics => Point * (long)metrics.Points.Count,
        CheckpointMessage { Checkpoint: var checkpoint } => Envelope + sizeof(char) * (long)checkpoint.Metrics.Length,
        ArtifactMessage { Artifact: var artifact } => Envelope + sizeof(char) * (long)artifact.Metrics.Length,
        _ => 0,
    };

    /// <summary>Waits until there is room. Once closed, everybody enters: what they bring falls away behind the door.</summary>
    public async Task EnterAsync(TrainerMessage message)
    {
        var size = SizeOf(message);
        while (true)
        {
            Task left;
            lock (_counting)
            {
                if (_closed || _held == 0 || _held + size <= capacity)
                {
                    _held += size;
                    return;
                }
                left = _left.Task;
            }
            await left;
        }
    }

    public void Leave(IEnumerable<TrainerMessage> messages)
    {
        var freed = messages.Sum(SizeOf);
        Signal(() => _held -= freed);
    }

    public void Close() => Signal(() => _closed = true);

    private void Signal(Action change)
    {
        TaskCompletionSource waiting;
        lock (_counting)
        {
            change();
            (waiting, _left) = (_left, NewSignal());
        }
        waiting.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
