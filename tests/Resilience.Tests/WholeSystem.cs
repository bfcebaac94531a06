using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>
/// One <c>up</c> for all tests whose subject is the whole of it: they kill its processes, its database and itself. Each gets it whole, and leaves it as it
/// is; what was killed or asked to leave is then started again, in the same folder.
/// </summary>
public sealed class WholeSystem : IAsyncDisposable
{
    private static readonly TimeSpan s_exit = TimeSpan.FromMinutes(1);

    private SystemUnderTest? _system;

    /// <summary>The system, with so many workers of its own and no others.</summary>
    public async Task<SystemUnderTest> ReadyAsync(int workers)
    {
        if (_system is null)
            return _system = await SystemUnderTest.StartAsync(workers);
        if (!await IsWholeAsync(_system, workers))
        {
            await StopAsync(_system);
            await _system.StartUpAsync(workers);
        }
        return _system;
    }

    /// <summary>Ends <c>up</c> in order, if it runs, and fails the test if any process that it started stays.</summary>
    public static async Task StopAsync(SystemUnderTest system)
    {
        if (system.Up!.HasExited)
            return;
        var processes = RunningProgram.Descendants(system.Up.Pid);
        system.Up.Terminate();
        Assert.Equal(0, await system.Up.ExitAsync(s_exit));
        await Eventually.TrueAsync(
            "no process of the system to be left", () => Task.FromResult(!processes.Any(RunningProgram.IsAlive)), TimeSpan.FromSeconds(5));
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
            await _system.DisposeAsync();
    }

    private static async Task<bool> IsWholeAsync(SystemUnderTest system, int workers)
    {
        if (system.Up!.HasExited)
            return false;
        var living = (await system.WorkersAsync()).Where(worker => RunningProgram.IsAlive(worker.Pid)).ToList();
        return living.Count == workers && living.All(worker => worker.State is WorkerState.Ready && worker.Slots.All(slot => slot.RunId is null));
    }
}

/// <summary>One after the other.</summary>
[CollectionDefinition(nameof(WholeSystem))]
public sealed class WholeSystemScenes : ICollectionFixture<WholeSystem>;
