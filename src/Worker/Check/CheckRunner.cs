namespace ChangeDetection.Worker.Check;

/// <summary>Takes the steps one after the other; after each the report is written anew, so that an end of any kind leaves what was found.</summary>
internal sealed class CheckRunner(CheckOptions options, TextWriter output, TimeProvider time)
{
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(5);
    private readonly long _start = time.GetTimestamp();

    /// <returns>Whether every step succeeded.</returns>
    public async Task<bool> RunAsync(IReadOnlyList<CheckStep> steps, CheckReport report)
    {
        await output.WriteAsync(report.Head());
        foreach (var step in steps)
        {
            var result = await ResultAsync(step, report.Steps);
            report = report with { Steps = [.. report.Steps, result], Seconds = Math.Round(time.GetElapsedTime(_start).TotalSeconds, 1) };
            await output.WriteAsync(CheckReport.Lines(result));
            await output.FlushAsync();
            if (options.Report is { } path)
                report.Write(path);
        }
        await output.WriteAsync(report.Tail());
        return report.Ok;
    }

    private async Task<StepResult> ResultAsync(CheckStep step, IReadOnlyList<StepResult> before)
    {
        if (before.FirstOrDefault(result => result.State != StepState.Ok && step.Needs.Contains(result.Name)) is { } missing)
            return Skipped(step, $"it needs '{missing.Name}', which {(missing.State == StepState.Failed ? "failed" : "was skipped")}");
        var left = options.Limit - time.GetElapsedTime(_start);
        if (left < s_least)
            return Skipped(step, $"the {options.Limit.TotalSeconds:0} s of the whole check are over");
        var scaled = options.Limit > CheckOptions.UsualLimit ? step.Limit * (options.Limit / CheckOptions.UsualLimit) : step.Limit;
        var limit = scaled < left ? scaled : left;
        using var timer = new CancellationTokenSource(limit, time);
        var start = time.GetTimestamp();
        var (finding, lines) = await OutcomeAsync(step, timer.Token);
        return new StepResult
        {
            Name = step.Name,
            State = finding.Error is null ? StepState.Ok : StepState.Failed,
            Seconds = Math.Round(time.GetElapsedTime(start).TotalSeconds, 2),
            Summary = finding.Summary,
            Error = finding.Error is { } error && timer.IsCancellationRequested ? $"{error} The limit is {limit.TotalSeconds:0} s." : finding.Error,
            Figures = finding.Figures,
            Details = finding.Details,
            Output = lines,
        };
    }

    private static async Task<StepOutcome> OutcomeAsync(CheckStep step, CancellationToken cancellationToken)
    {
        try
        {
            return await step.RunAsync(cancellationToken);
        }
#pragma warning disable CA1031 // A step that fails, however it does, must not hide the later ones.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new(StepFinding.Failure(exception), []);
        }
    }

    private static StepResult Skipped(CheckStep step, string why) => new() { Name = step.Name, State = StepState.Skipped, Summary = why };
}
