using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Tests.Cli;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

/// <summary>A data folder whose system is down, and a small data set, for the tests of one class.</summary>
public sealed class SystemThatIsDown : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private PostgresWatchdog? _watchdog;

    public DataFolder Data { get; private set; } = null!;

    public string Config { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Data = DataFolder.Open(_folder["data"]);
        _watchdog = PostgresWatchdog.Start(Data);
        await (await LocalPostgres.StartAsync(Data)).StopAsync();
        await SmallDataset.SynthesizeAsync(_folder);
        Assert.Equal(0, (await SmallDataset.PackAsync(_folder)).Code);
        Config = SmallDataset.WriteConfig(_folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (_watchdog is not null)
            await _watchdog.DisposeAsync();
        _folder.Dispose();
    }

    public Task<CommandRun> CliAsync(params string[] arguments) => CommandRun.OfAsync([.. arguments, "--data-dir", Data.Path]);
}
