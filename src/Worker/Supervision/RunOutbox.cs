using System.Threading.Channels;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Protocol;
using Npgsql;

namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// What a trainer said, on its way to the database: written in the trainer's order, in fenced transactions, each message once.
/// While the database is away messages wait here, up to <see cref="Capacity"/> of them and so many bytes; then the pipe fills and the trainer waits at
/// its next message, which it sends between two steps.
/// </summary>
/// <param name="bytes">What the messages held may take in memory, as <see cref="OutboxBudget.SizeOf"/> reckons it.</param>
public sealed class RunOutbox(NpgsqlDataSource database, Claim claim, TrainerProcess trainer, CheckpointAcceptance checkpoints, long bytes)
{
    /// <summary>Messages held: more than ten minutes' worth of a trainer that sends ten a second.</summary>
    public const int Capacity = 8192;
    private const int BatchSize = 512;

    private readonly OutboxBudget _room = new(bytes);

    private readonly Channel<Numbered> _messages = Channel.CreateBounded<Numbered>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private long _sequence;

    /// <summary>Takes a message in; waits while the outbox is full. Once the writer has failed, messages are worth nothing and fall away.</summary>
    public async Task PostAsync(TrainerMessage message)
    {
        try
        {
            await _room.EnterAsync(message);
            await _messages.Writer.WriteAsync(new Numbered(Interlocked.Increment(ref _sequence), message));
        }
        catch (ChannelClosedException)
        {
            // The trainer is being killed; what it still says belongs to no attempt.
        }
    }

    /// <summary>No more messages will come; <see cref="RunAsync"/> ends when the last is written.</summary>
    public void Complete()
    {
        _messages.Writer.TryComplete();
        _room.Close();
    }

    /// <summary>Writes until <see cref="Complete"/>.</summary>
    /// <exception cref="LeaseLostException">The fence refused a write. What is left is worth nothing.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var batch = new List<Numbered>(BatchSize);
            while (await _messages.Reader.WaitToReadAsync(cancellationToken))
            {
                batch.Clear();
                while (batch.Count < BatchSize && _messages.Reader.TryRead(out var message))
                    batch.Add(message);
                await Outage.RetryAsync(token => WriteAsync(batch, token), cancellationToken);
                _room.Leave(batch.Select(item => item.Message));
            }
        }
        finally
        {
            Complete();
        }
    }

    private async Task WriteAsync(List<Numbered> batch, CancellationToken cancellationToken)
    {
        await using (var fence = await FencedTransaction.BeginAsync(database, claim, cancellationToken))
        {
            var points = batch.Select(item => item.Message).OfType<MetricsMessage>().SelectMany(message => message.Points).ToList();
            if (points.Count > 0)
                await MetricStore.AddAsync(fence, points, cancellationToken);

            var lines = batch.Where(item => item.Message is LogMessage).Select(item => ToLine(item.Seq, (LogMessage)item.Message)).ToList();
            if (lines.Count > 0)
                await LogStore.AddAsync(fence, lines, cancellationToken);

            foreach (var (seq, message) in batch)
            {
                switch (message)
                {
                    case EventMessage { Name: var name, Detail: var detail }:
                        await EventStore.AddAsync(fence, name, detail, seq, cancellationToken);
                        break;
                    case StartedMessage { Pid: var pid }:
                        await AttemptStore.SetTrainerAsync(fence, pid, cancellationToken);
                        break;
                    case HelloMessage { Numerics: var numerics }:
                        await AttemptStore.SetNumericsAsync(
                            fence, System.Text.Json.JsonSerializer.Serialize(numerics, ProtocolJson.Options), cancellationToken);
                        break;
                    case ArtifactMessage { Artifact: var artifact }:
                        await ArtifactStore.AddAsync(fence, artifact, cancellationToken);
                        break;
                    case StripMessage { Strip: var strip }:
                        await StripStore.AddAsync(fence, strip, cancellationToken);
                        break;
                    case CheckpointMessage { Checkpoint: var checkpoint }:
                        await checkpoints.AcceptAsync(checkpoint, fence, cancellationToken);
                        break;
                    case DamagedCheckpointMessage { Prefix: var prefix, Problem: var problem }:
                        await CheckpointStore.MarkDamagedAsync(fence, prefix, cancellationToken);
                        await EventStore.AddAsync(fence, "checkpoint-damaged", problem, seq, cancellationToken);
                        break;
                }
            }
            if (batch.Select(item => item.Message).OfType<ProgressMessage>().LastOrDefault() is { Progress: var progress })
                await ProgressStore.SetAsync(fence, progress, cancellationToken);
            await fence.CommitAsync(cancellationToken);
        }
        foreach (var message in batch.Select(item => item.Message).OfType<CheckpointMessage>())
        {
            CrashPoint.Reach(CrashPoints.CheckpointPublished);
            await trainer.SendAsync(new CheckpointAnswer(message.Checkpoint.Prefix), cancellationToken);
        }
    }

    private static LogLine ToLine(long seq, LogMessage message) => new()
    {
        Seq = seq,
        Text = message.Text,
        Level = message.Level switch
        {
            TrainerLogLevel.Warning => LogLineLevel.Warning,
            TrainerLogLevel.Error => LogLineLevel.Error,
            _ => LogLineLevel.Info,
        },
    };

    private readonly record struct Numbered(long Seq, TrainerMessage Message);
}
