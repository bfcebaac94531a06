using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;


namespace ChangeDetection.Worker.Check;

/// <summary>
/// An attempt in a trainer process, started and spoken to as a worker does it, but for the database: what the trainer says is kept here, and every
/// checkpoint that it offers is accepted.
/// </summary>
internal sealed class TrainerRun
{
    private readonly OutputTail _output = new();

    public Numerics? Numerics { get; private set; }
    public List<MetricPoint> Points { get; } = [];
    public List<CheckpointRecord> Offers { get; } = [];
    public List<string> Events { get; } = [];

    /// <summary>Why it did not succeed; null where it did.</summary>
    public string? Failure { get; private set; }

    public IReadOnlyList<string> Output => _output.Lines;

    public IEnumerable<CheckpointReference> Checkpoints =>
        Offers.Select(offer => new CheckpointReference(offer.Prefix, offer.ManifestSha256, offer.Epoch, offer.Step));

    /// <param name="cancellationToken">Kills the trainer; the run is then one that has failed for want of time.</param>
    public static async Task<TrainerRun> OfAsync(TrainerCommand command, TrainerAssignment assignment, Slot slot, CancellationToken cancellationToken)
    {
        var run = new TrainerRun();
        await using var trainer = TrainerProcess.Start(command, assignment, slot, cache: null);
        await using var killing = cancellationToken.Register(trainer.Kill);
        var memory = new OutOfMemoryKills().Of(trainer.Pid);
        await trainer.SendAsync(new AssignmentMessage(assignment), CancellationToken.None);
        var errors = run.ReadErrorsAsync(trainer);
        TrainerOutcome? outcome = null;
        await foreach (var message in trainer.MessagesAsync())
        {
            if (message is EndMessage end)
                outcome = end.Outcome;
            else
                await run.TakeAsync(message, trainer);
        }
        await errors;
        var exitCode = await trainer.WaitForExitAsync(CancellationToken.None);
        var (ending, detail, _) = AttemptResult.Of(outcome, cause: null, forced: false, () => trainer.PostMortem(exitCode, memory, hungFor: null));
        run.Failure = cancellationToken.IsCancellationRequested ? "It was not done in time and was killed."
            : ending is AttemptEnding.Succeeded ? null
            : detail;
        return run;
    }

    private async Task TakeAsync(TrainerMessage message, TrainerProcess trainer)
    {
        switch (message)
        {
            case HelloMessage { Numerics: var numerics }:
                Numerics = numerics;
                break;
            case MetricsMessage { Points: var points }:
                Points.AddRange(points);
                break;
            case CheckpointMessage { Checkpoint: var offer }:
                Offers.Add(offer);
                await trainer.SendAsync(new CheckpointAnswer(offer.Prefix), CancellationToken.None);
                break;
            case EventMessage { Name: var name, Detail: var detail }:
                Events.Add($"{name}: {detail}");
                break;
            case DamagedCheckpointMessage { Prefix: var prefix, Problem: var problem }:
                Events.Add($"checkpoint-damaged: {prefix}: {problem}");
                break;
            case LogMessage { Text: var text }:
                foreach (var line in text.Split('\n'))
                    _output.Add(line);
                break;
        }
    }

    private async Task ReadErrorsAsync(TrainerProcess trainer)
    {
        await foreach (var line in trainer.ErrorLinesAsync())
            _output.Add(line.Text);
    }
}
