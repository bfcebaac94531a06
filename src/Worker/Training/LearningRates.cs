using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Worker.Training;

/// <summary>Where a run stands: all that a schedule may depend on.</summary>
/// <param name="Epoch">Number of the current epoch, from 0.</param>
/// <param name="Step">Updates made so far.</param>
/// <param name="Steps">Updates of the whole run.</param>
/// <param name="StepsPerEpoch">Updates of an epoch.</param>
public readonly record struct ScheduleClock(int Epoch, long Step, long Steps, int StepsPerEpoch);

/// <summary>What a schedule makes of the learning rate: a factor, a pure function of where the run stands. Each is marked with its name.</summary>
public delegate double RateFactor(ScheduleConfig schedule, ScheduleClock clock);

/// <summary>Learning rates as pure functions of the epoch and the step: nothing of them needs to be kept in a checkpoint.</summary>
public static class LearningRates
{
    // Those of PyTorch's OneCycleLR: Smith, Topin: Super-convergence, 2017.
    private const double OneCycleRise = 0.3;
    private const double OneCycleStart = 1 / 25.0;
    private const double OneCycleEnd = OneCycleStart / 1e4;

    internal static Implementations<RateFactor> Factors { get; } = new();

    [Implements(ScheduleNames.Constant)]
    private static RateFactor Constant => (_, _) => 1;

    [Implements(ScheduleNames.Cosine)]
    private static RateFactor Cosine => (schedule, clock) => HalfCosine(1, schedule.Floor, Progress(schedule, clock));

    [Implements(ScheduleNames.Exponential)]
    private static RateFactor Exponential => (schedule, clock) => Math.Pow(schedule.Gamma, clock.Epoch);

    [Implements(ScheduleNames.OneCycle)]
    private static RateFactor OneCycle => (_, clock) =>
    {
        var last = Math.Max(1, clock.Steps - 1);
        var top = Math.Max(1, OneCycleRise * clock.Steps - 1);
        return clock.Step <= top
            ? HalfCosine(OneCycleStart, 1, clock.Step / top)
            : HalfCosine(1, OneCycleEnd, (clock.Step - top) / Math.Max(1, last - top));
    };

    [Implements(ScheduleNames.Polynomial)]
    private static RateFactor Polynomial => (schedule, clock) =>
        schedule.Floor + (1 - schedule.Floor) * Math.Pow(1 - Progress(schedule, clock), schedule.Power);

    [Implements(ScheduleNames.Step)]
    private static RateFactor Step => (schedule, clock) => Math.Pow(schedule.Gamma, clock.Epoch / schedule.EveryEpochs);

    /// <summary>The rate of the update that comes next.</summary>
    /// <exception cref="ArgumentException">There is no schedule of this name.</exception>
    public static double At(OptimizerConfig optimizer, ScheduleConfig schedule, ScheduleClock clock)
    {
        var factor = ScheduleNames.All.Contains(schedule.Name)
            ? Factors[schedule.Name](schedule, clock)
            : throw new ArgumentException(
                $"There is no schedule '{schedule.Name}'. Known schedules: {string.Join(", ", ScheduleNames.All)}.", nameof(schedule));
        return optimizer.Lr * WarmUp(schedule, clock) * factor;
    }

    /// <summary>Rises to 1 in even steps over the first epochs; the first update has a share of its own, not nothing.</summary>
    private static double WarmUp(ScheduleConfig schedule, ScheduleClock clock)
    {
        var steps = WarmUpSteps(schedule, clock);
        return clock.Step >= steps ? 1 : (clock.Step + 1) / (double)(steps + 1);
    }

    /// <summary>From 0 at the end of the warm-up to 1 at the last update.</summary>
    private static double Progress(ScheduleConfig schedule, ScheduleClock clock)
    {
        var steps = WarmUpSteps(schedule, clock);
        return Math.Clamp((clock.Step - steps) / (double)Math.Max(1, clock.Steps - steps - 1), 0, 1);
    }

    private static long WarmUpSteps(ScheduleConfig schedule, ScheduleClock clock) => (long)(schedule.WarmupEpochs * clock.StepsPerEpoch);

    private static double HalfCosine(double from, double to, double progress) => to + (from - to) * (1 + Math.Cos(Math.PI * progress)) / 2;
}
