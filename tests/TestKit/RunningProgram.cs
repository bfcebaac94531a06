using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using ChangeDetection.Core.Hosting;
using Xunit;

namespace ChangeDetection.TestKit;

/// <summary>One of the system's programs as a process of the test's own, with its output kept, and signals to send.</summary>
public sealed partial class RunningProgram : IAsyncDisposable
{
    private const int SigQuit = 3;
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private bool _disposed;

    private RunningProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything it printed so far.</summary>
    public string Text => string.Join('\n', _lines);

    /// <param name="program">A name of <see cref="Executables"/>.</param>
    public static RunningProgram Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var found = Executables.Locate(program);
        // Tests that run under nohup would hand its deafness to a closed terminal on; env becomes the program, so the process id is its own.
        var start = new ProcessStartInfo("env", ["--default-signal=HUP", found.Program, .. found.LeadingArguments, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return new RunningProgram(Process.Start(start)!);
    }

    /// <summary>Waits for a line that contains the text; fails, with the whole output, when the program ends or the time is up first.</summary>
    public async Task<string> LineAsync(string text, TimeSpan deadline)
    {
        await Eventually.TrueAsync(
            $"the line '{text}'",
            () => Task.FromResult(_process.HasExited || _lines.Any(line => line.Contains(text, StringComparison.Ordinal))),
            deadline);
        return _lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"The program ended with code {_process.ExitCode} before it said '{text}':\n{Text}");
    }

    /// <summary>SIGKILL of this process alone.</summary>
    public void Kill() => Signal(Pid, SigKill);

    /// <summary>SIGTERM, the polite end.</summary>
    public void Terminate() => Signal(Pid, SigTerm);

    public void Freeze() => Signal(Pid, SigStop);

    public void Thaw() => Signal(Pid, SigCont);

    public async Task<int> ExitAsync(TimeSpan deadline)
    {
        using var limit = new CancellationTokenSource(deadline);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Process {Pid} was still there after {deadline.TotalSeconds:0} s:\n{Text}");
        }
        return _process.ExitCode;
    }

    /// <summary>SIGKILL of any process.</summary>
    public static void Kill(int pid) => Signal(pid, SigKill);

    /// <summary>SIGTERM to any process.</summary>
    public static void Terminate(int pid) => Signal(pid, SigTerm);

    /// <summary>SIGSTOP of any process.</summary>
    public static void Freeze(int pid) => Signal(pid, SigStop);

    /// <summary>SIGCONT to any process.</summary>
    public static void Thaw(int pid) => Signal(pid, SigCont);

    /// <summary>SIGQUIT to any process.</summary>
    public static void Quit(int pid) => Signal(pid, SigQuit);

    /// <summary>SIGKILL of a process and all its descendants, the parent first so that it cannot react.</summary>
    public static void KillTree(int pid)
    {
        var tree = Descendants(pid);
        Signal(pid, SigKill);
        foreach (var child in tree)
            Signal(child, SigKill);
    }

    /// <summary>SIGSTOP of a process and all its descendants: they stand still where they are, and notice nothing.</summary>
    public static void FreezeTree(int pid)
    {
        var frozen = new HashSet<int>();
        // The parent first, so that it has no more children; then those that it had, until no new one is found.
        for (var found = new List<int> { pid }; found.Count > 0; found = [.. Descendants(pid).Except(frozen)])
        {
            foreach (var process in found)
                Signal(process, SigStop);
            frozen.UnionWith(found);
        }
    }

    /// <summary>SIGCONT of a process and all its descendants.</summary>
    public static void ThawTree(int pid)
    {
        foreach (var process in Descendants(pid).Append(pid))
            Signal(process, SigCont);
    }

    /// <summary>Whether a process of this id exists and is no zombie.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Split(')')[^1].TrimStart().StartsWith('Z');
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return false;
        }
    }

    /// <summary>Children, their children, and so on.</summary>
    public static IReadOnlyList<int> Descendants(int pid)
    {
        var parents = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var process))
                continue;
            try
            {
                var parent = int.Parse(
                    File.ReadAllText(Path.Combine(folder, "stat")).Split(')')[^1].Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture);
                (parents.TryGetValue(parent, out var list) ? list : parents[parent] = []).Add(process);
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }
        var found = new List<int>();
        var queue = new Queue<int>([pid]);
        while (queue.TryDequeue(out var next))
        {
            foreach (var child in parents.GetValueOrDefault(next) ?? [])
            {
                found.Add(child);
                queue.Enqueue(child);
            }
        }
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        // A test that ends a part before the system does disposes it twice.
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        if (!_process.HasExited)
        {
            KillTree(Pid);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }

    private static void Signal(int pid, int signal) => _ = Send(pid, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int pid, int signal);
}
