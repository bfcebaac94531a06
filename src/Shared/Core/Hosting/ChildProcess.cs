using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace ChangeDetection.Core.Hosting;

/// <summary>
/// A process that ends when we do: it holds the read end of a pipe whose only write end is ours, and the kernel closes that when we end,
/// however we end. A child of our own programs watches it by <see cref="ParentPipe"/>.
/// </summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private static readonly TimeSpan s_killLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_outputLimit = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly Task _output;

    private ChildProcess(ChildCommand command, Process process)
    {
        (Command, _process) = (command, process);
        Pid = process.Id;
        _output = PumpAsync(command, process);
        Exited = ExitCodeAsync();
    }

    public ChildCommand Command { get; }

    public int Pid { get; }

    /// <summary>Ends with the process; its exit code, or 128 and the number of the signal that killed it.</summary>
    public Task<int> Exited { get; }

    /// <exception cref="ChildStartException">The program cannot be started.</exception>
    public static ChildProcess Start(ChildCommand command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[ParentPipe.Variable] = "stdin";
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        try
        {
            return new ChildProcess(command, Process.Start(start) ?? throw new ChildStartException(command, "no process came of it", null));
        }
        catch (Win32Exception error)
        {
            throw new ChildStartException(command, error.Message, error);
        }
    }

    /// <summary>
    /// Asks the process to end (SIGTERM), and after the grace kills it with all its descendants. Its pipe stays open meanwhile: we are still here.
    /// </summary>
    /// <returns>The exit code, as <see cref="Exited"/>.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled; the process is killed then too.</exception>
    public async Task<int> StopAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        try
        {
            if (!_process.HasExited)
                _ = Send(Pid, Terminate);
            return await Exited.WaitAsync(grace, cancellationToken);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            var code = await Exited.WaitAsync(s_killLimit, CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            return code;
        }
    }

    /// <summary>Kills what is still running, and closes the log when the last output is in it.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        // A descendant that lives on could hold the output open for ever.
        await Task.WhenAny(_output, Task.Delay(s_outputLimit));
        _process.Dispose();
    }

    private async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private static async Task PumpAsync(ChildCommand command, Process process)
    {
        var lines = Channel.CreateBounded<string>(new BoundedChannelOptions(1000) { SingleReader = true });
        var write = WriteAsync(command, lines.Reader);
        await Task.WhenAll(ReadAsync(process.StandardOutput, lines.Writer), ReadAsync(process.StandardError, lines.Writer));
        lines.Writer.Complete();
        await write;
    }

    private static async Task ReadAsync(StreamReader stream, ChannelWriter<string> lines)
    {
        while (await stream.ReadLineAsync() is { } line)
            await lines.WriteAsync(line);
    }

    private static async Task WriteAsync(ChildCommand command, ChannelReader<string> lines)
    {
        using var log = command.LogFile is null ? null : new BoundedLog(command.LogFile);
        await foreach (var line in lines.ReadAllAsync())
        {
            log?.Append(line);
            command.OnLine?.Invoke(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int pid, int signal);
}

/// <summary>A child process cannot be started.</summary>
public sealed class ChildStartException(ChildCommand command, string why, Exception? inner)
    : IOException($"{command.Name} cannot be started as '{command.Program}': {why}.", inner);
