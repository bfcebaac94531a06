using System.Diagnostics;
using System.Text.Json;
using ChangeDetection.Core.Health;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Results;

namespace ChangeDetection.Scheduler.Cli.Doctor;

/// <summary>What the worker executable, the only one that can load libtorch, says of this machine's devices.</summary>
internal static class WorkerDevices
{
    private const string Name = "devices";
    private const string Verb = "self-check";

    /// <summary>A worker's own bounds are shorter; this one is for a worker that hangs.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    public static async Task<IReadOnlyList<HealthFinding>> AskAsync(CancellationToken cancellationToken)
    {
        Executable worker;
        try
        {
            worker = Executables.Locate(Executables.Worker);
        }
        catch (FileNotFoundException)
        {
            return [HealthFinding.Skipped(Name, "no worker is installed here; this machine can submit and watch")];
        }
        var command = worker.Command(Name, [Verb]);
        var start = new ProcessStartInfo(command.Program, command.Arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{command.Program} did not start.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_limit);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return Read(await output) ?? [Failure($"it ended with code {process.ExitCode}: {Last(await errors)}")];
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return [Failure($"it gave no answer within {s_limit.TotalMinutes:0} minutes.")];
        }
    }

    private static IReadOnlyList<HealthFinding>? Read(string output)
    {
        try
        {
            return JsonSerializer.Deserialize<List<HealthFinding>>(output, OutputJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static HealthFinding Failure(string problem) =>
        HealthFinding.Failure(
            Name, $"'changedetection-worker {Verb}'", problem, "Run it by hand; 'changedetection-worker check --device cpu' says more.");

    private static string Last(string text) => text.Trim().Split('\n')[^1].Trim();
}
