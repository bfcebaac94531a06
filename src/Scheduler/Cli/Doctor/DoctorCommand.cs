using System.CommandLine;
using ChangeDetection.Core.Health;
using ChangeDetection.Core.Results;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Doctor;

/// <summary><c>doctor</c>: whether this machine and the system that it belongs to can do their work, and what to do where they cannot.</summary>
internal static class DoctorCommand
{
    private const int NameWidth = 15;

    public static Command Create(Terminal terminal)
    {
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command(
            "doctor",
            "Check devices, database, store, disks, clock and limits: what was seen, what is wrong, what to do. Exit code 1: something failed.")
        {
            dataDir, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var diagnosis = Diagnosis.Of(parsed.GetValue(dataDir));
            var findings = new List<HealthFinding>();
            await foreach (var finding in diagnosis.FindingsAsync(cancellationToken))
            {
                findings.Add(finding);
                if (!parsed.GetValue(json))
                    Print(terminal, finding);
            }
            var failed = findings.Where(finding => finding.State is HealthState.Failed).Select(finding => finding.Name).ToList();
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(new { Ok = failed.Count == 0, Checks = findings.Select(View) }));
            else
                terminal.Result(failed.Count == 0
                    ? "Nothing failed."
                    : $"{failed.Count} of {findings.Count} checks failed: {string.Join(", ", failed)}");
            return failed.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static object View(HealthFinding finding) =>
        new { finding.Name, finding.State, finding.Seen, finding.Problem, finding.Remedy, finding.Seconds };

    private static void Print(Terminal terminal, HealthFinding finding)
    {
        var word = finding.State switch
        {
            HealthState.Ok => "ok",
            HealthState.Warning => "warning",
            HealthState.Failed => "FAILED",
            _ => "-",
        };
        terminal.Result($"{word,-8} {finding.Name,-NameWidth} {(finding.State is HealthState.Skipped ? "not checked: " : "")}{finding.Seen}");
        foreach (var line in new[] { finding.Problem, finding.Remedy }.OfType<string>())
            terminal.Result($"{"",-8} {"",-NameWidth} {line}");
    }
}
