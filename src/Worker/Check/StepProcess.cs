using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Check;

/// <summary>
/// A step in a process of its own, with a trainer's environment: a crash of native code, or a symbol that is nowhere, ends that step alone, and each
/// step finds a libtorch that nobody has used.
/// </summary>
internal static class StepProcess
{
    public const string Verb = "check-step";

    public const string Load = "load";
    public const string Device = "device";
    public const string Tensor = "tensor";
    public const string Throughput = "throughput";
    /// <summary>Device and tensor in brief.</summary>
    public const string Brief = "brief";

    /// <summary>Begins the line with the finding; other lines are what libraries print.</summary>
    private const string Marker = "check-step finding: ";
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    /// <param name="command">How this program is started.</param>
    /// <param name="model">The network, where the step has one.</param>
    public static async Task<StepOutcome> RunAsync(
        TrainerCommand command, string step, Slot slot, int threads, string? model, CancellationToken cancellationToken)
    {
        var output = new OutputTail();
        var finding = new TaskCompletionSource<StepFinding>();
        var environment = new Dictionary<string, string?>();
        TrainerEnvironment.Apply(environment, threads, slot, cache: null);
        environment.Remove(ParentPipe.Variable);
        string[] arguments = [Verb, step, slot.TrainerDevice, $"{threads}", .. model is null ? [] : new[] { model }];
        int exitCode;
        await using (var child = ChildProcess.Start(new ChildCommand(step, command.Executable, [.. command.Arguments.SkipLast(1), .. arguments])
        {
            Environment = environment,
            OnLine = Take,
        }))
        {
            try
            {
                exitCode = await child.Exited.WaitAsync(cancellationToken);
                // Its output is read by another thread, which may be behind.
                if (exitCode == 0)
                    return new(await finding.Task.WaitAsync(cancellationToken), output.Lines);
            }
            catch (OperationCanceledException)
            {
                return new(StepFinding.Failure("It was not done in time and was killed."), output.Lines);
            }
        }
        var lines = string.Join('\n', output.Lines);
        return new(StepFinding.Failure($"Its process {ExitStatus.Describe(exitCode)}; its last lines:\n{lines}"), output.Lines);

        void Take(string line)
        {
            if (line.StartsWith(Marker, StringComparison.Ordinal))
                finding.SetResult(JsonSerializer.Deserialize<StepFinding>(line.AsSpan(Marker.Length), CheckReport.Json(indented: false))!);
            else
                output.Add(line);
        }
    }

    /// <summary>The child's side: does the step and prints what it found.</summary>
    public static async Task<int> MainAsync(string[] arguments)
    {
        if (arguments is not [var step, var device, var count, .. var rest] || !int.TryParse(count, out var threads))
        {
            await Console.Error.WriteLineAsync($"error: {Verb} is for 'check' and 'self-check' only.");
            return 2;
        }
        ParentPipe.Watch(() => Environment.Exit(1), s_grace);
        StepFinding finding;
        try
        {
            finding = await ComputeThread.RunAsync(() => Do(step, device, threads, rest));
        }
#pragma warning disable CA1031 // The process's top level: whatever ended the step is its finding.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            finding = StepFinding.Failure(exception);
        }
        // What native code prints without an end of line stands before it.
        await Console.Out.WriteLineAsync($"\n{Marker}{JsonSerializer.Serialize(finding, CheckReport.Json(indented: false))}");
        return 0;
    }

    private static StepFinding Do(string step, string device, int threads, string[] rest)
    {
        if (step == Load)
            return LibraryLoading.Check(cuda: device != "cpu");
        ExistingLibtorch.Load();
        return (step, rest) switch
        {
            (Device, []) => DeviceChecks.Visible(device, threads),
            (Tensor, []) => DeviceChecks.Computes(device, threads),
            (Brief, []) => DeviceChecks.ComputesBriefly(device, threads),
            (Throughput, [var model]) => ThroughputCheck.Measure(device, model, threads),
            _ => throw new ArgumentException($"There is no step '{step}'."),
        };
    }
}
