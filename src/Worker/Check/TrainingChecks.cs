using System.Globalization;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Check;

/// <summary>The steps that train: real trainer processes on a packed data set, with checkpoints in a store.</summary>
/// <param name="side">Of the images, in pixels: a GPU adds in another order only where it has enough to do.</param>
internal sealed class TrainingChecks(TrainerCommand command, string folder, int side, int threads)
{
    private static readonly string[] s_trouble = ["numerics-changed", "training-restarted", "checkpoint-damaged"];

    private readonly CheckDataset _dataset = new(Path.Combine(folder, "dataset"), side);
    private readonly FileObjectStore _store = new(Path.Combine(folder, "store"));

    /// <summary>One step on a device, and a validation: the loss has to be finite.</summary>
    public async Task<StepOutcome> StepAsync(Slot slot, string model, CancellationToken cancellationToken)
    {
        await _dataset.WriteAsync(cancellationToken);
        var run = await RunAsync(Assignment(slot, _dataset.Config(model, epochs: 1, threads, steps: 1)), slot, cancellationToken);
        if (run.Failure is { } failure)
            return new(StepFinding.Failure(failure), run.Output);
        var (loss, validation) = (Last(run.Points, "train/loss"), Last(run.Points, "val/loss"));
        var figures = new Dictionary<string, double> { ["loss"] = loss, ["validation_loss"] = validation };
        if (!double.IsFinite(loss) || !double.IsFinite(validation))
            return new(StepFinding.Failure(Text($"{model}: the loss is {loss}, the validation loss {validation}"), run.Events), run.Output);
        var summary = Text($"{model}: loss {loss:0.0000}, validation loss {validation:0.0000}, on {Numbers(run.Numerics)}");
        return new(new() { Summary = summary, Figures = figures, Details = run.Events }, run.Output);
    }

    /// <summary>
    /// Two epochs in one process; then the second one again, in a new process, from the first one's checkpoint. Where the bits differ, the two epochs
    /// once more tell whether that is the resumption's fault or the device's.
    /// </summary>
    public async Task<StepOutcome> ResumeAsync(Slot slot, string model, CancellationToken cancellationToken)
    {
        await _dataset.WriteAsync(cancellationToken);
        var assignment = Assignment(slot, _dataset.Config(model, epochs: 2, threads));
        var straight = await RunAsync(assignment, slot, cancellationToken);
        if (straight.Failure is { } failure)
            return new(StepFinding.Failure($"The uninterrupted run: {failure}"), straight.Output);
        if (straight.Offers.Count < 2)
            return new(StepFinding.Failure($"The uninterrupted run of two epochs wrote {straight.Offers.Count} checkpoints."), straight.Output);

        var second = assignment with { Attempt = 2, Checkpoints = [straight.Checkpoints.First()], PreviousNumerics = straight.Numerics };
        var resumed = await RunAsync(second, slot, cancellationToken);
        List<string> output = [.. straight.Output.Union(resumed.Output)];
        if (resumed.Failure is { } broken)
            return new(StepFinding.Failure($"The resumed run: {broken}"), output);
        var (wanted, got) = (straight.Offers[^1], resumed.Offers[^1]);
        List<string> details = [.. resumed.Events, Describe("uninterrupted", straight), Describe("resumed", resumed)];
        if (resumed.Events.FirstOrDefault(IsTrouble) is { } trouble)
            return new(StepFinding.Failure($"{model}: the resumed run reports {trouble}", details), output);
        if (wanted.WeightsSha256 == got.WeightsSha256)
        {
            var summary = $"{got.Step} steps, resumed at {straight.Offers[0].Step} in a new process: weights {got.WeightsSha256[..12]} both ways";
            return new(new() { Summary = summary, Details = details }, output);
        }
        var again = await RunAsync(assignment with { Run = Guid.NewGuid() }, slot, cancellationToken);
        details.Add(Describe("uninterrupted, again", again));
        var cause = again.Failure is { } third ? $"a second uninterrupted run failed: {third}"
            : again.Offers[^1].WeightsSha256 == wanted.WeightsSha256 ? "two uninterrupted runs end in equal bits, so the resumption loses something"
            : "two uninterrupted runs differ as well, so a kernel on this device is not deterministic";
        return new(StepFinding.Failure($"{model}: the resumed run ends in other bits than the uninterrupted one; {cause}", details), output);
    }

    private TrainerAssignment Assignment(Slot slot, ExperimentConfig config) => new()
    {
        Run = Guid.NewGuid(),
        Attempt = 1,
        Kind = RunKind.Train,
        Experiment = config,
        Store = _store.Root,
        Device = slot.TrainerDevice,
    };

    private Task<TrainerRun> RunAsync(TrainerAssignment assignment, Slot slot, CancellationToken cancellationToken) =>
        TrainerRun.OfAsync(command, assignment, slot, cancellationToken);

    /// <summary>An event that none of ours should cause: same machine, same data, intact checkpoint.</summary>
    private static bool IsTrouble(string entry) => s_trouble.Any(name => entry.StartsWith(name, StringComparison.Ordinal));

    private static string Describe(string name, TrainerRun run)
    {
        var losses = run.Points.Where(point => point.Name == "train/loss").Select(point => Text($"{point.Value:R}"));
        return $"{name}: losses {string.Join(", ", losses)}; weights {(run.Offers.Count == 0 ? "none" : run.Offers[^1].WeightsSha256)}";
    }

    private static string Numbers(Numerics? numerics) => numerics is null ? "unknown numerics" : DeviceChecks.Describe(numerics);

    private static double Last(IEnumerable<MetricPoint> points, string name) =>
        points.LastOrDefault(point => point.Name == name)?.Value ?? double.NaN;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
