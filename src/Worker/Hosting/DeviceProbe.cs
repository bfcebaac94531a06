using System.Diagnostics;
using System.Text.Json;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Hosting;

/// <summary>
/// Finds the slots of this machine: those of the settings, else one for each device that a child process sees. Loading CUDA takes memory on every GPU and
/// cannot be undone, so the worker itself never does.
/// </summary>
public sealed class DeviceProbe(WorkerSettings settings, TrainerCommand self)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>The slots asked for; else one per GPU; one CPU slot where there is no GPU, or where the probe failed.</summary>
    public async Task<IReadOnlyList<Slot>> SlotsAsync(CancellationToken cancellationToken) =>
        settings.Slots is { } given ? SlotList.Parse(given) : await ProbeAsync(cancellationToken);

    private async Task<IReadOnlyList<Slot>> ProbeAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(self.Executable, [.. self.Arguments.SkipLast(1), "devices"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{self.Executable} did not start.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            if (process.ExitCode == 0 && JsonSerializer.Deserialize<List<Slot>>(output) is { Count: > 0 } slots)
                return slots;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
        }
        catch (JsonException)
        {
            // A probe that prints something else has found nothing we can use.
        }
        return [new Slot("cpu", "CPU")];
    }
}
