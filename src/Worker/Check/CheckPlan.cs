using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;


namespace ChangeDetection.Worker.Check;

/// <summary>The steps of a check, in their order. A new one is a line here.</summary>
internal static class CheckPlan
{
    private const string Libtorch = "libtorch";

    /// <summary>Of images that a processor trains on in seconds.</summary>
    private const int SmallSide = 64;
    private const int LargeSide = 256;

    /// <param name="folder">For data, checkpoints and whatever else lasts as long as the check.</param>
    public static IReadOnlyList<CheckStep> Of(CheckOptions options, TrainerCommand command, string folder)
    {
        var (slot, threads, first) = (options.Slot, options.Threads, options.Models[0]);
        var cpu = new Slot("cpu", "CPU");
        var small = new TrainingChecks(command, Path.Combine(folder, "small"), SmallSide, threads);
        var training = slot.CudaIndex is null ? small : new TrainingChecks(command, Path.Combine(folder, "large"), LargeSide, threads);
        return
        [
            new(Libtorch, Seconds(10), [], _ => Task.FromResult(new StepOutcome(LibtorchFolder.Check(), []))),
            // The first to read gigabytes of CUDA libraries from a cold disk.
            Child(StepProcess.Load, Seconds(150), [Libtorch]),
            Child(StepProcess.Device, Seconds(60), [Libtorch]),
            Child(StepProcess.Tensor, Seconds(60), [StepProcess.Device]),
            // Where the GPU is of no use, this tells a libtorch that does not fit from a device that does not work.
            .. slot.CudaIndex is null ? [] : new[] { new CheckStep("cpu-step", Seconds(60), [Libtorch], token => small.StepAsync(cpu, first, token)) },
            new("step", Seconds(90), [StepProcess.Device], token => training.StepAsync(slot, first, token)),
            Resume(first),
            .. options.Models.Select(model => Child(StepProcess.Throughput, Seconds(60), [StepProcess.Device], model)),
            .. options.Models.Skip(1).Select(Resume),
        ];

        CheckStep Child(string step, TimeSpan limit, string[] needs, string? model = null) =>
            new(model is null ? step : $"{step} {model}", limit, needs, token => StepProcess.RunAsync(command, step, slot, threads, model, token));

        CheckStep Resume(string model) =>
            new($"resume {model}", Seconds(120), [StepProcess.Device], token => training.ResumeAsync(slot, model, token));
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
