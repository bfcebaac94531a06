using System.Text.Json;
using ChangeDetection.Core.Health;
using ChangeDetection.Core.Results;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Check;

/// <summary>
/// Whether devices can compute: each in a process of its own, as a trainer would find it, and within a bound. A worker asks before it takes runs and
/// when something failed on a slot; <c>changedetection doctor</c> asks by the verb <c>self-check</c>.
/// </summary>
internal static class DeviceHealth
{
    public const string Verb = "self-check";

    private const string Library = "libtorch";
    private const int MostLetters = 400;
    private const string DeviceRemedy =
        "Look at the driver (nvidia-smi, dmesg) and its memory; 'changedetection-worker check' tells libtorch, driver and device apart.";

    /// <summary>Gigabytes of CUDA libraries, from a cold disk.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    /// <summary>The device behind a slot: the processor is one, however many slots it has.</summary>
    public static string DeviceOf(Slot slot) => slot.CudaIndex is null ? "cpu" : slot.Name;

    /// <param name="command">How this program is started.</param>
    public static Task<HealthFinding> CheckAsync(TrainerCommand command, Slot slot, TimeProvider time, CancellationToken cancellationToken)
    {
        var name = $"device {DeviceOf(slot)}";
        return BoundedCheck.RunAsync(name, s_limit, CheckAsync, time, cancellationToken);

        async Task<HealthFinding> CheckAsync(CancellationToken token)
        {
            var (finding, _) = await StepProcess.RunAsync(command, StepProcess.Brief, slot, threads: 1, model: null, token);
            return finding.Error is { } error
                ? HealthFinding.Failure(name, slot.DeviceName, $"it cannot compute: {OneLine(error)}.", DeviceRemedy)
                : HealthFinding.Good(name, finding.Summary);
        }
    }

    /// <summary>
    /// The verb: prints the findings as one JSON document; with <c>--slots LIST</c> of these devices, else of those that are there.
    /// </summary>
    public static async Task<int> PrintAsync(string[] arguments)
    {
        IReadOnlyList<Slot>? given = null;
        try
        {
            given = arguments switch
            {
                [] => null,
                ["--slots", var list] => SlotList.Parse(list),
                _ => throw new FormatException($"usage: changedetection-worker {Verb} [--slots LIST]"),
            };
        }
        catch (FormatException exception)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message}");
            return 2;
        }
        var command = TrainerCommand.Self();
        var library = LibtorchFolder.Check();
        List<HealthFinding> findings = [library.Error is { } error
            ? HealthFinding.Failure(Library, "not found", OneLine(error), "See docs/gpu.md.")
            : HealthFinding.Good(Library, $"in {LibtorchFolder.Find()}")];
        if (library.Error is null)
        {
            var slots = given ?? await SeenDevices.ListAsync(command, CancellationToken.None);
            findings.AddRange(given is null ? Unseen(slots) : []);
            foreach (var slot in slots.DistinctBy(DeviceOf))
                findings.Add(await CheckAsync(command, slot, TimeProvider.System, CancellationToken.None));
        }
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(findings, OutputJson.Options));
        return findings.Any(finding => finding.State is HealthState.Failed) ? 1 : 0;
    }

    /// <summary>A GPU that the driver knows and libtorch does not see would otherwise be passed over in silence.</summary>
    private static IEnumerable<HealthFinding> Unseen(IReadOnlyList<Slot> seen) =>
        GpuName.Known() is > 0 and var known && seen.All(slot => slot.CudaIndex is null)
            ? [HealthFinding.Warning(
                "gpu", $"{known} by the driver", "libtorch sees none.",
                "Build the worker for CUDA, or name a libtorch that is (docs/gpu.md); check the driver.")]
            : [];

    private static string OneLine(string text)
    {
        var line = string.Join(' ', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        return line.Length > MostLetters ? line[..MostLetters] + "…" : line;
    }
}
