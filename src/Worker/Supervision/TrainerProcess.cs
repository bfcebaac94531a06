using System.Diagnostics;
using System.Text;
using ChangeDetection.Worker.Data.Shards.Cache;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Slots;

namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// A trainer as its worker sees it: a child process on two pipes. Its environment is ours to set: threads, allocator, the one GPU it sees,
/// and no credentials.
/// </summary>
public sealed class TrainerProcess : IAsyncDisposable
{
    private const int TailLines = 20;
    private readonly Process _process;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Queue<string> _tail = new();
    private long _residentBytes;

    private TrainerProcess(Process process) => _process = process;

    public int Pid => _process.Id;

    /// <summary>Notified of what passes the pipes in either direction.</summary>
    public TrainerWatchdog Progress { get; } = new();

    /// <param name="cache">The machine's shard cache; null: none.</param>
    public static TrainerProcess Start(TrainerCommand command, TrainerAssignment assignment, Slot slot, ShardCacheSettings? cache)
    {
        var start = new ProcessStartInfo(command.Executable, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };
        TrainerEnvironment.Apply(start.Environment, assignment.Threads, slot, cache);
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command.Executable} did not start.");
        OutOfMemoryScore.Raise(process.Id);
        return new TrainerProcess(process);
    }

    public async Task SendAsync(WorkerMessage message, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _process.StandardInput.WriteLineAsync(ProtocolJson.Write(message).AsMemory(), cancellationToken);
            await _process.StandardInput.FlushAsync(cancellationToken);
        }
        catch (IOException)
        {
            // The trainer is gone; waiting for its exit will show how.
        }
        finally
        {
            _writing.Release();
            if (message is CheckpointAnswer)
                Progress.Answered();
        }
    }

    /// <summary>Messages until the trainer closes its end. What it logs, and a line that is no message, is kept for the post-mortem.</summary>
    public async IAsyncEnumerable<TrainerMessage> MessagesAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            SampleMemory();
            TrainerMessage? message = null;
            try
            {
                message = ProtocolJson.ReadTrainer(line);
            }
            catch (System.Text.Json.JsonException)
            {
                Remember(line);
            }
            if (message is LogMessage { Text: var text })
                Remember(text);
            if (message is null)
                continue;
            Progress.Heard(message);
            using (Progress.TakeIn())
                yield return message;
        }
    }

    /// <summary>Lines on standard error: native libraries, unhandled exceptions.</summary>
    public async IAsyncEnumerable<LogMessage> ErrorLinesAsync()
    {
        var native = new NativeOutput();
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            if (native.Read(line) is not { } message)
                continue;
            Remember(message.Text);
            using (Progress.TakeIn())
                yield return message;
        }
    }

    /// <summary>Kills the process and everything it started. SIGKILL is the fence.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has exited by itself.
        }
    }

    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>What is known of a trainer that died without a word.</summary>
    /// <param name="memory">Watches for the kernel's kills since the trainer began.</param>
    /// <param name="hungFor">How long it had got nowhere when it was given up; null when it was not.</param>
    public PostMortem PostMortem(int exitCode, OutOfMemoryKills.Watch memory, TimeSpan? hungFor)
    {
        lock (_tail)
        {
            return new PostMortem
            {
                ExitCode = exitCode,
                HungFor = hungFor,
                OutOfMemory = memory.Explains,
                ResidentBytes = Volatile.Read(ref _residentBytes),
                LastLines = [.. _tail],
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _writing.Dispose();
    }

    private void Remember(string line)
    {
        lock (_tail)
        {
            _tail.Enqueue(line.Length > 500 ? line[..500] : line);
            if (_tail.Count > TailLines)
                _tail.Dequeue();
        }
    }

    private void SampleMemory()
    {
        try
        {
            _process.Refresh();
            Volatile.Write(ref _residentBytes, _process.WorkingSet64);
        }
        catch (InvalidOperationException)
        {
            // Gone between the line and the look.
        }
    }
}
