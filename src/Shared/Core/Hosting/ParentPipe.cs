using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ChangeDetection.Core.Hosting;

/// <summary>
/// The child's end of the pipe that <see cref="ChildProcess"/> holds: its end of file means that the parent is gone. The kernel's own
/// signal for that (PR_SET_PDEATHSIG) would come when the parent's *thread* ends that started us, so it cannot be used.
/// </summary>
public static partial class ParentPipe
{
    /// <summary>Set for the children of <see cref="ChildProcess"/>; without it standard input is the user's and none of our business.</summary>
    public const string Variable = "CHANGEDETECTION_LIFELINE";

    /// <summary>Whether a process of ours started this one and watches over it.</summary>
    public static bool IsChild => Environment.GetEnvironmentVariable(Variable) == "stdin";

    /// <summary>Whether it was, and is gone.</summary>
    public static bool IsParentGone { get; private set; }

    /// <summary>
    /// In a child process: leaves the terminal's process group, since a Ctrl-C is the parent's to handle, and watches the pipe on a thread
    /// of its own. In a process that somebody started by hand: does nothing.
    /// </summary>
    /// <param name="onParentGone">Asks the process to end; called at most once, on a thread of its own.</param>
    /// <param name="grace">How long it may take; then the process is killed from within, whatever it hangs on.</param>
    /// <returns>Whether this is a child process.</returns>
    public static bool Watch(Action onParentGone, TimeSpan grace)
    {
        if (!IsChild)
            return false;
        // Not a handler for SIGINT: a host's own handler would run besides. Fails only for a session leader, which has no terminal to share.
        _ = SetProcessGroup(0, 0);
        new Thread(() => Watch(Console.OpenStandardInput(), onParentGone, grace)) { IsBackground = true, Name = "lifeline" }.Start();
        return true;
    }

    private static void Watch(Stream pipe, Action onParentGone, TimeSpan grace)
    {
        Span<byte> ignored = stackalloc byte[64];
        try
        {
            while (pipe.Read(ignored) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A broken pipe says the same.
        }
        IsParentGone = true;
        // On threads of our own: the pool may be what hangs.
        new Thread(() => onParentGone()) { IsBackground = true, Name = "lifeline-ending" }.Start();
        using var never = new ManualResetEventSlim();
        never.Wait(grace);
        Process.GetCurrentProcess().Kill();
    }

    [LibraryImport("libc", EntryPoint = "setpgid")]
    private static partial int SetProcessGroup(int pid, int group);
}
