using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests;

/// <summary>The parts that this test program plays as a child of its own (see <see cref="ChildRole"/>).</summary>
internal static class ChildParts
{
    public static async Task<int> PlayAsync(string role, string[] arguments)
    {
        switch (role)
        {
            case "polite": // ends when its parent has
                await WatchAsync(() => Environment.Exit(0), TimeSpan.FromSeconds(20));
                break;
            case "stubborn": // hangs when asked
                await WatchAsync(() => { }, TimeSpan.FromMilliseconds(200));
                break;
            case "parent": // has a child of the role it is given
                _ = ChildProcess.Start(ChildRole.Command(arguments[0]) with { OnLine = Console.WriteLine });
                await Task.Delay(Timeout.Infinite);
                break;
            case "cluster": // makes and starts one
                await LocalPostgres.StartAsync(DataFolder.Open(arguments[0]));
                break;
            case "tests": // has a cluster that crashes and comes back, and is killed before it tidies up
                var server = new PostgresServer();
                var database = await server.CreateDatabaseAsync();
                await server.CrashAsync();
                await server.StartAsync();
                await using (var connection = await database.DataSource.OpenConnectionAsync())
                    Console.WriteLine($"{connection.Port} {server.Folder}");
                await Task.Delay(Timeout.Infinite);
                break;
            case "migrate":
                await Migrator.MigrateAsync(arguments[0], [new MigrationScript(arguments[1], arguments[2])], CancellationToken.None);
                break;
            default:
                throw new ArgumentException($"There is no part '{role}'.", nameof(role));
        }
        return 0;
    }

    private static async Task WatchAsync(Action onParentGone, TimeSpan grace)
    {
        Assert.True(ParentPipe.Watch(onParentGone, grace));
        Console.WriteLine($"{Environment.ProcessId} {ProcessGroup()}");
        await Task.Delay(Timeout.Infinite);
    }

    /// <summary>The fifth field of /proc/self/stat; the second, in parentheses, may hold blanks.</summary>
    private static string ProcessGroup() => File.ReadAllText("/proc/self/stat").Split(") ")[1].Split(' ')[2];
}
