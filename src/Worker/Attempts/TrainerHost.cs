using System.Runtime.InteropServices;
using System.Text;
using ChangeDetection.Worker.Protocol;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Worker.Attempts;

/// <summary>
/// The main of a trainer process: reads its assignment from standard input, works, and writes how it ended to standard output.
/// It has no database connection; when its standard input ends, its worker is gone and so is it, within two seconds.
/// </summary>
public static partial class TrainerHost
{
    /// <summary>What a trainer does with its assignment.</summary>
    public delegate Task<TrainerOutcome> Work(TrainerAssignment assignment, ITrainerLink link, CancellationToken cancellationToken);

    public static async Task<int> RunAsync(Work work)
    {
        // The terminal's Ctrl-C and a service manager's SIGTERM reach the whole group; stopping is the worker's to order, over the pipe.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);

        using var output = TakeStandardOutput();
        using var link = new PipeTrainerLink(output);
        using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        if (await input.ReadLineAsync() is not { } first || ProtocolJson.ReadWorker(first) is not AssignmentMessage { Assignment: var assignment })
        {
            await Console.Error.WriteLineAsync("trainer: the first line on standard input is not an assignment. This verb is for workers only.");
            return 2;
        }
        new Thread(() => Listen(input, link)) { IsBackground = true, Name = "worker pipe" }.Start();

        var outcome = await work(assignment, link, CancellationToken.None);
        link.End(outcome);
        return 0;
    }

    private static void Listen(StreamReader input, PipeTrainerLink link)
    {
        while (input.ReadLine() is { } line)
        {
            if (ProtocolJson.ReadWorker(line) is { } message)
                link.Receive(message);
        }
        // Not Environment.Exit: it waits for a kernel that may be deep in a step, and nothing here is worth saving without a worker.
        _ = Kill(Environment.ProcessId, SigKill);
    }

    /// <summary>Keeps the pipe for messages and sends whatever else prints to standard output (native libraries do) to standard error.</summary>
    private static StreamWriter TakeStandardOutput()
    {
        var pipe = Duplicate(1);
        if (pipe < 0 || DuplicateTo(2, 1) < 0)
            throw new IOException($"Cannot set the trainer's standard output apart: errno {Marshal.GetLastPInvokeError()}.");
        Console.SetOut(Console.Error);
        return new StreamWriter(new FileStream(new SafeFileHandle(pipe, ownsHandle: true), FileAccess.Write, bufferSize: 0), new UTF8Encoding(false));
    }

    private const int SigKill = 9;

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int DuplicateTo(int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
