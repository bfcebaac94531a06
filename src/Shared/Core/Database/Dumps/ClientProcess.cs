using System.ComponentModel;
using System.Diagnostics;
using Npgsql;

namespace ChangeDetection.Core.Database.Dumps;

/// <summary>A client program of PostgreSQL at work on a server. It learns how to connect by its environment, which other accounts cannot read.</summary>
internal sealed class ClientProcess : IDisposable
{
    private const int MostErrorLines = 6;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private ClientProcess(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    public StreamWriter Input => _process.StandardInput;
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <param name="server">Null: the program connects to none.</param>
    /// <exception cref="DumpException">It cannot be started.</exception>
    public static ClientProcess Start(string program, IReadOnlyList<string> arguments, NpgsqlConnectionStringBuilder? server)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A PGPORT or PGSERVICE of the user's shell means another server.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";
        start.Environment["PSQLRC"] = "/dev/null";
        foreach (var (name, value) in server is null ? [] : LibpqEnvironment.Of(server))
            start.Environment[name] = value;
        try
        {
            return new ClientProcess(Process.Start(start) ?? throw new DumpException($"'{program}' could not be started."));
        }
        catch (Win32Exception error)
        {
            throw new DumpException($"'{program}' could not be started: {error.Message}.", error);
        }
    }

    /// <summary>Gives it all of a stream, and ends its input. One that ends before that says why by how it ended.</summary>
    public async Task FeedAsync(Stream content, CancellationToken cancellationToken)
    {
        try
        {
            await content.CopyToAsync(Input.BaseStream, cancellationToken);
            Input.Close();
        }
        catch (IOException) when (_process.WaitForExit(s_patience))
        {
        }
    }

    /// <summary>Waits for the end.</summary>
    /// <param name="act">What it was to do, for the message.</param>
    /// <exception cref="DumpException">It failed; the message holds the end of what it said.</exception>
    public async Task SucceedAsync(string act, CancellationToken cancellationToken)
    {
        try
        {
            await _process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Kill();
            throw;
        }
        if (_process.ExitCode != 0)
            throw new DumpException($"{act} failed: {Told(await _errors)}");
    }

    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    /// <summary>Lines about the connection name host and user, which are nobody's business in a log.</summary>
    private static string Told(string errors)
    {
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Contains("connection to server", StringComparison.Ordinal) ? "the server did not take the connection" : line).ToList();
        return lines.Count == 0 ? "it said nothing." : string.Join("; ", lines.TakeLast(MostErrorLines));
    }
}

/// <summary>A schema could not be dumped or restored; the message says what the program said.</summary>
public sealed class DumpException(string message, Exception? inner = null) : IOException(message, inner);
