using System.Diagnostics;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.TestKit;

/// <summary>What a verb of the real command line printed, and how it ended.</summary>
public sealed record CommandRun(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs <c>changedetection</c> with these arguments to its end.</summary>
    /// <param name="environment">Added to the test's own; null takes a variable away.</param>
    public static async Task<CommandRun> OfAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var program = Executables.Locate(Executables.Scheduler);
        var start = new ProcessStartInfo(program.Program, [.. program.LeadingArguments, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(s_limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new CommandRun(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"changedetection {string.Join(' ', arguments)} did not end within {s_limit.TotalMinutes} min.");
        }
    }

    /// <summary>The output, once the verb is sure to have succeeded.</summary>
    public string Succeeded() => ExitCode == 0 ? Output : throw new InvalidOperationException($"Exit code {ExitCode}:\n{Output}\n{Errors}");
}
