using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Tests.Cli;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

/// <summary>
/// A data folder whose system is down and has one run, which is queued; its data set is in the folder too. Made once: each test takes copies.
/// </summary>
public sealed class SystemWithARun : IAsyncLifetime
{
    /// <summary>The run's name.</summary>
    public const string Run = "travelled";

    private readonly TemporaryFolder _root = new();
    private PostgresWatchdog? _watchdog;

    public string Path => _root["data"];

    public async ValueTask InitializeAsync()
    {
        // Else the cluster would stand outside: the account that runs it has to pass.
        File.SetUnixFileMode(_root.Path, File.GetUnixFileMode(_root.Path) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        var folder = DataFolder.Open(Path);
        _watchdog = PostgresWatchdog.Start(folder);
        await (await LocalPostgres.StartAsync(folder)).StopAsync();
        await SmallDataset.SynthesizeAsync(_root);
        Assert.Equal(0, (await VerbRun.DatasetAsync("pack", _root["source"], "--layout", "sysu", "--out", _root["data/mine"])).Code);
        await SubmitAsync(Path, Run);
    }

    /// <summary>Queues another run in a folder's system.</summary>
    public async Task SubmitAsync(string folder, string name)
    {
        var config = SmallDataset.WriteConfig(_root, uri: "data/mine", more: "evaluate: none");
        var submitted = await VerbRun.OfAsync("submit", config, "--set", $"name={name}", "--data-dir", folder);
        Assert.True(submitted.Code == 0, submitted.Log);
    }

    public async ValueTask DisposeAsync()
    {
        if (_watchdog is not null)
            await _watchdog.DisposeAsync();
        _root.Dispose();
    }
}
