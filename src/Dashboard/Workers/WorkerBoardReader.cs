using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;

namespace ChangeDetection.Dashboard.Workers;

/// <summary>Reads the page of workers.</summary>
public sealed class WorkerBoardReader(WorkerStore workers, RunStore runs)
{
    private static readonly double s_recentSeconds = TimeSpan.FromDays(1).TotalSeconds;

    public async Task<WorkerBoard> ReadAsync(WorkerBoard? previous, CancellationToken cancellationToken)
    {
        var all = (await workers.ListAsync(all: true, cancellationToken))
            .Where(worker => worker.State.IsLiving() || worker.LeaseAgeSeconds < s_recentSeconds).ToList();
        var running = (await runs.ListAsync(new RunFilter(State: RunState.Running), cancellationToken)).ToDictionary(run => run.Id);
        return new WorkerBoard(all.ConvertAll(worker => new WorkerRow(worker, worker.Slots.Select(Row).ToList())));

        SlotRow Row(SlotRecord slot) => new(slot, slot.RunId is { } run ? running.GetValueOrDefault(run) : null);
    }
}
