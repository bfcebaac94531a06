using System.Globalization;
using System.Runtime.InteropServices;

namespace ChangeDetection.Core.Hosting;

/// <summary>
/// Whether somebody asked this process to end, and how: a process that ends without having been asked ends by a fault. It also gives SIGHUP, by which a
/// terminal that is closed says so, the meaning that SIGTERM has: left to itself it would end us where we stand.
/// </summary>
public sealed class EndRequest : IDisposable
{
    private const int FirstSignal = 128;
    private const int Hangup = 1;

    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action _end;

    /// <summary>Asked in good time: one that is gone passes for none.</summary>
    private readonly (bool Output, bool Error) _writesToTerminal = (!Console.IsOutputRedirected, !Console.IsErrorRedirected);
    private int _signal;

    private EndRequest(Action end)
    {
        _end = end;
        Register(PosixSignal.SIGINT, 2);
        Register(PosixSignal.SIGQUIT, 3);
        Register(PosixSignal.SIGTERM, 15);
        // Who starts us by nohup, or disowns us, wants us to outlive the terminal.
        if (!IsIgnored(Hangup))
            Register(PosixSignal.SIGHUP, Hangup);
    }

    /// <summary>Begins to watch. Other handlers of the same signals (a host's, the command line's) act besides.</summary>
    /// <param name="end">Brings the end about when the terminal is closed; called on a thread of the runtime.</param>
    public static EndRequest Watch(Action end) => new(end);

    /// <summary>Whether a signal has come, or the process that watched over this one is gone.</summary>
    public bool HasCome => Volatile.Read(ref _signal) != 0 || ParentPipe.IsParentGone;

    /// <summary>
    /// The exit code of a process that ended in order because it was asked: 0, as a service's manager expects; for a child of ours, whose parent did not ask,
    /// 128 and the number of the signal, since 0 says that it is to stay away.
    /// </summary>
    public int ExitCode => ParentPipe.IsChild && Volatile.Read(ref _signal) is var signal and not 0 ? FirstSignal + signal : 0;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _registrations.Clear();
    }

    /// <summary>Whether this process was started with a signal ignored, by the mask that the kernel shows.</summary>
    internal static bool IsIgnored(int signal)
    {
        const string name = "SigIgn:";
        try
        {
            var line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line is not null && (ulong.Parse(line.AsSpan(name.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                & (1UL << (signal - 1))) != 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Register(PosixSignal signal, int number) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        Interlocked.CompareExchange(ref _signal, number, 0);
        if (signal is not PosixSignal.SIGHUP)
            return;
        context.Cancel = true;
        LeaveTheTerminal();
        _end();
    }));

    /// <summary>The terminal is gone, and what were written to it would fail: an orderly end says some things yet.</summary>
    private void LeaveTheTerminal()
    {
        if (_writesToTerminal.Output)
            Console.SetOut(TextWriter.Null);
        if (_writesToTerminal.Error)
            Console.SetError(TextWriter.Null);
    }
}
