using ChangeDetection.Worker.Check;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Hosting;

/// <summary>Finds the slots of this machine: those of the settings, else one for each device that a child process sees.</summary>
public sealed class DeviceProbe(WorkerSettings settings, TrainerCommand self)
{
    /// <summary>The slots asked for; else one per GPU; one CPU slot where there is no GPU, or where the probe failed.</summary>
    public async Task<IReadOnlyList<Slot>> SlotsAsync(CancellationToken cancellationToken) =>
        settings.Slots is { } given ? SlotList.Parse(given) : await SeenDevices.ListAsync(self, cancellationToken);
}
