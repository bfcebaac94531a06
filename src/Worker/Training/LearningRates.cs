using ChangeDetection.Configuration;

namespace ChangeDetection.Worker.Training;

/// <summary>Learning rates as pure functions of the epoch: nothing of them needs to be kept in a checkpoint.</summary>
public static class LearningRates
{
    private static readonly SortedDictionary<string, Func<OptimizerConfig, ScheduleConfig, int, double>> s_schedules = new(StringComparer.Ordinal)
    {
        ["constant"] = (optimizer, _, _) => optimizer.Lr,
        ["exponential"] = (optimizer, schedule, epoch) => optimizer.Lr * Math.Pow(schedule.Gamma, epoch),
    };

    /// <exception cref="ArgumentException">There is no schedule of this name.</exception>
    public static double At(OptimizerConfig optimizer, ScheduleConfig schedule, int epoch)
        => s_schedules.TryGetValue(schedule.Name, out var rate)
            ? rate(optimizer, schedule, epoch)
            : throw new ArgumentException($"There is no schedule '{schedule.Name}'. Known schedules: {string.Join(", ", s_schedules.Keys)}.", nameof(schedule));
}
