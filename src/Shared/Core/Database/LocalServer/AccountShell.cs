using System.ComponentModel;
using System.Diagnostics;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>Runs short commands as the account that owns the cluster, in a folder that this account can enter, for a bounded time.</summary>
internal sealed class AccountShell(SystemAccount? account, string workingFolder)
{
    /// <summary>Runs a program to its end.</summary>
    /// <param name="input">Text for its standard input; closed at once when null.</param>
    /// <exception cref="LocalPostgresException">It cannot be started, or did not end within the limit (it is killed then).</exception>
    public async Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, TimeSpan limit, string? input, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(limit);
        using var process = Start(program, arguments);
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), bounded.Token);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(bounded.Token);
            var errors = process.StandardError.ReadToEndAsync(bounded.Token);
            await process.WaitForExitAsync(bounded.Token);
            return new CommandResult(process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new LocalPostgresException(
                $"'{program}' did not end within {limit.TotalSeconds:0} s and was killed. Is the disk of '{workingFolder}' hanging?");
        }
        catch (IOException) when (input is not null)
        {
            // It ended without reading its input; how it ended says more than the broken pipe.
            await process.WaitForExitAsync(bounded.Token);
            return new CommandResult(process.ExitCode, await process.StandardError.ReadToEndAsync(bounded.Token));
        }
    }

    /// <summary>The same for a line of shell; <c>$1</c> and so on are the arguments.</summary>
    public Task<CommandResult> RunScriptAsync(
        string script, IReadOnlyList<string> arguments, TimeSpan limit, string? input, CancellationToken cancellationToken) =>
        RunAsync("/bin/sh", ["-c", script, "sh", .. arguments], limit, input, cancellationToken);

    private Process Start(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (account is not null)
            start.UserName = account.Name;
        // Our settings are given as arguments; a PGPORT or PGDATA of the user's shell means another server.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";
        try
        {
            return Process.Start(start) ?? throw new LocalPostgresException($"'{program}' could not be started.");
        }
        catch (Win32Exception error)
        {
            var (who, remedy) = account is null ? ("", "") : ($" as the account '{account.Name}'",
                $" Is that folder closed to '{account.Name}'? Let the account pass through those above it (chmod o+x), or move the data folder to " +
                "where it may.");
            throw new LocalPostgresException($"'{program}' could not be started{who} in '{workingFolder}': {error.Message}.{remedy}", error);
        }
    }
}

/// <summary>How a command ended, and what it said.</summary>
internal sealed record CommandResult(int ExitCode, string Output);
