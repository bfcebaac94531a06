using System.Runtime.CompilerServices;
using ChangeDetection.Database;
using ChangeDetection.Hosting;

namespace ChangeDetection.Tests;

/// <summary>
/// Lets a test start this very program as another process that plays a part, since some promises are about processes that die.
/// The part is chosen by an environment variable before any test framework runs.
/// </summary>
internal static class ChildRole
{
    private const string Variable = "CHANGEDETECTION_TEST_ROLE";

    /// <summary>The command that plays a part; its arguments reach the part as they are.</summary>
    public static ChildCommand Command(string role, params string[] arguments) => new(role, Environment.ProcessPath!, arguments)
    {
        Environment = new Dictionary<string, string?> { [Variable] = role },
    };

    [ModuleInitializer]
    internal static void Play()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } role)
            return;
        var arguments = Environment.GetCommandLineArgs()[1..];
        switch (role)
        {
            case "polite": // ends when its parent has
                WatchAnd(() => Environment.Exit(0), TimeSpan.FromSeconds(20));
                break;
            case "stubborn": // hangs when asked
                WatchAnd(() => WaitForever(), TimeSpan.FromMilliseconds(200));
                break;
            case "parent": // has a child of the role it is given
                _ = ChildProcess.Start(Command(arguments[0]) with { OnLine = Console.WriteLine });
                WaitForever();
                break;
            case "migrate":
                Migrator.MigrateAsync(arguments[0], [new MigrationScript(arguments[1], arguments[2])], CancellationToken.None).GetAwaiter().GetResult();
                Environment.Exit(0);
                break;
            default:
                Environment.Exit(64);
                break;
        }
    }

    private static void WatchAnd(Action onParentGone, TimeSpan grace)
    {
        if (!Lifeline.Watch(onParentGone, grace))
            Environment.Exit(65);
        Console.WriteLine($"{Environment.ProcessId} {ProcessGroup()}");
        WaitForever();
    }

    /// <summary>The fifth field of /proc/self/stat; the second, in parentheses, may hold blanks.</summary>
    private static string ProcessGroup() => File.ReadAllText("/proc/self/stat").Split(") ")[1].Split(' ')[2];

    private static void WaitForever()
    {
        using var never = new ManualResetEventSlim();
        never.Wait();
    }
}
