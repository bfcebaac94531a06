using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>
/// The run that most scenes disturb: three epochs of ten steps, with validation and a checkpoint behind each. What it comes to when nothing disturbs it is
/// found out once, by the system that asks first: data, seed and config decide it, and not the system.
/// </summary>
public static class SmallRun
{
    public const int Epochs = 3;
    public const int Steps = 30;

    /// <summary>Between the checkpoints of the first epoch and the second.</summary>
    public const int MidEpoch = 15;

    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static readonly SemaphoreSlim s_gate = new(1);
    private static RunResult? s_undisturbed;

    public static async Task<Guid> SubmitAsync(SystemUnderTest system, string name, int priority = 5) =>
        (await system.SubmitAsync(name, Epochs, priority: priority))[0];

    /// <summary>Submits a run, and returns when it is held behind a step; the test lets it go (<see cref="SystemUnderTest.Held"/>) when it has acted.</summary>
    public static async Task<Guid> HeldAsync(SystemUnderTest system, string name, int step = MidEpoch, int priority = 5)
    {
        system.Held.Hold(name, step);
        var run = await SubmitAsync(system, name, priority);
        await system.AtStepAsync(run, step, Limit);
        return run;
    }

    /// <summary>What every disturbed run must come to.</summary>
    public static async Task<RunResult> UndisturbedAsync(SystemUnderTest system, int priority = 5)
    {
        await s_gate.WaitAsync();
        try
        {
            if (s_undisturbed is null)
            {
                var run = await SubmitAsync(system, "undisturbed", priority);
                Assert.Equal(1, (await system.SucceededAsync(run, Limit)).Attempt);
                s_undisturbed = await system.ResultAsync(run);
            }
            return s_undisturbed;
        }
        finally
        {
            s_gate.Release();
        }
    }

    /// <summary>Waits for the end of a run, and holds weights and metrics, each of them once, against those of the undisturbed one.</summary>
    public static async Task<Run> EndsAsUndisturbedAsync(SystemUnderTest system, Guid run, int priority = 5)
    {
        var ended = await system.SucceededAsync(run, Limit);
        // Our own connections from before a fault may be dead in the pool.
        system.Database.Clear();
        var (expected, actual) = (await UndisturbedAsync(system, priority), await system.ResultAsync(run));
        Assert.Equal(expected.Weights, actual.Weights);
        Assert.Equal(expected.Metrics, actual.Metrics);
        return ended;
    }
}
