using System.Diagnostics;
using System.Text.Json;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Hosting;

/// <summary>
/// Finds the devices of this machine in a child process: loading CUDA takes memory on every GPU and cannot be undone,
/// so the worker itself never does.
/// </summary>
public static class DeviceProbe
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>One slot per GPU; one CPU slot where there is no GPU, or where the probe failed.</summary>
    public static async Task<IReadOnlyList<Slot>> SlotsAsync(TrainerCommand self, CancellationToken cancellationToken)
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

    /// <summary>The child's side: prints the slots as JSON.</summary>
    public static int Print()
    {
        var count = TorchSharp.torch.cuda.is_available() ? TorchSharp.torch.cuda.device_count() : 0;
        Slot[] slots = count > 0
            ? [.. Enumerable.Range(0, count).Select(index => new Slot($"cuda:{index}", GpuName.Of(index)))]
            : [new Slot("cpu", CpuName.OfThisMachine())];
        Console.WriteLine(JsonSerializer.Serialize(slots));
        return 0;
    }
}
