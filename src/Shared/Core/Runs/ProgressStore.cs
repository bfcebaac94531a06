using ChangeDetection.Core.Runs.Loader;

namespace ChangeDetection.Core.Runs;

/// <summary>Where a run stands, for listings. The database's row; the trainer says it over the pipe.</summary>
/// <param name="Epoch">The one being trained, from 1.</param>
/// <param name="Fraction">0 to 1.</param>
/// <param name="EtaSeconds">Null while unknown.</param>
public sealed record RunProgress(int Epoch, long Step, long TotalSteps, double Fraction, double? EtaSeconds, LoaderFigures Loader);

/// <summary>The progress columns of <c>runs</c>, and what its attempt's loader has done.</summary>
public static class ProgressStore
{
    public static Task SetAsync(FencedTransaction fence, RunProgress progress, CancellationToken cancellationToken) =>
        fence.ExecuteAsync(
            """
            update runs set epoch = @Epoch, step = @Step, total_steps = @TotalSteps, progress = @Progress, eta_seconds = @EtaSeconds,
                   samples_per_second = @SamplesPerSecond, data_wait_seconds = @DataWaitSeconds
            where id = @run;
            update attempts set loader = @Loader::jsonb where run_id = @run and attempt = @attempt;
            """,
            new
            {
                progress.Epoch,
                progress.Step,
                progress.TotalSteps,
                Progress = progress.Fraction,
                progress.EtaSeconds,
                progress.Loader.SamplesPerSecond,
                DataWaitSeconds = progress.Loader.WaitSeconds,
                Loader = progress.Loader.ToJson(),
            },
            cancellationToken);
}
