using System.Diagnostics;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Tests.Cli;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

/// <summary>
/// Data folders side by side, below a folder that every account may pass through. Verbs run on them in this process; their clusters are gone in the
/// end, wherever they have come to stand.
/// </summary>
internal sealed class TravellingFolder(SystemWithARun system) : IAsyncDisposable
{
    private readonly TemporaryFolder _root = Open();
    private readonly Dictionary<string, PostgresWatchdog> _watchdogs = [];

    /// <summary>A path below the common folder; nothing is created.</summary>
    public string this[string name] => _root[name];

    /// <summary>A data folder with a run that is queued: a copy, and so a system of its own.</summary>
    public async Task TakeAsync(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root[name])!);
        await RunAsync("cp", "-a", system.Path, Watched(name));
        Assert.Equal([SystemWithARun.Run], await RunsAsync(name));
    }

    /// <summary>A verb on one of the folders.</summary>
    public Task<VerbRun> VerbAsync(string name, params string[] arguments) => VerbRun.OfAsync([.. arguments, "--data-dir", Watched(name)]);

    /// <summary>The names of the runs that a folder's system has.</summary>
    public async Task<IReadOnlyList<string>> RunsAsync(string name)
    {
        var listed = await VerbAsync(name, "list", "--json");
        Assert.True(listed.Code == 0, listed.Log);
        return [.. listed.Json.EnumerateArray().Select(run => run.GetProperty("name").GetString()!)];
    }

    public Task CopyAsync(string from, string to) => RunAsync("cp", "-a", _root[from], Watched(to));

    public void Move(string from, string to) => Directory.Move(_root[from], Watched(to));

    public static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watchdog in _watchdogs.Values)
            await watchdog.DisposeAsync();
        _root.Dispose();
    }

    private static TemporaryFolder Open()
    {
        var root = new TemporaryFolder();
        File.SetUnixFileMode(root.Path, File.GetUnixFileMode(root.Path) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        return root;
    }

    private string Watched(string name)
    {
        if (!_watchdogs.ContainsKey(name))
            _watchdogs[name] = PostgresWatchdog.Start(DataFolder.At(_root[name]));
        return _root[name];
    }
}
