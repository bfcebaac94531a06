using System.Diagnostics;
using System.Text.Json;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Check;

/// <summary>
/// The devices that libtorch sees, as slots: asked of a child process. Loading CUDA takes memory on every GPU and cannot be undone, so a worker
/// itself never does.
/// </summary>
internal static class SeenDevices
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>One per GPU; one CPU slot where there is no GPU, or where the probe failed.</summary>
    /// <param name="self">How this program is started.</param>
    public static async Task<IReadOnlyList<Slot>> ListAsync(TrainerCommand self, CancellationToken cancellationToken)
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
