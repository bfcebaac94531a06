using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests.Chaos;

/// <summary>
/// P1 to P5, P7: clients submit and steer while processes, connections and the server die at random. Afterwards every id that anybody was ever given
/// is accounted for.
/// </summary>
[Collection(nameof(WholeSystem))]
public sealed class ChaosTests(WholeSystem whole, ITestOutputHelper output)
{
    public const int Workers = 2;
    private const int Clients = 3;
    private static readonly TimeSpan s_calm = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Chaos_OfHalfAMinute_AccountsForEveryAcknowledgedRun() =>
        await AccountedAsync(await whole.ReadyAsync(Workers), seed: 0, TimeSpan.FromSeconds(30), output);

    internal static async Task AccountedAsync(SystemUnderTest system, int seed, TimeSpan duration, ITestOutputHelper output)
    {
        var ledger = new Ledger();
        await using var faults = new Faults(system, new Random(seed), output);
        using (var over = new CancellationTokenSource(duration))
        {
            var clients = Enumerable.Range(1, Clients).Select(number => new Client(system, ledger, new Random(seed * 100 + number)).ActAsync(over.Token));
            await Task.WhenAll([faults.StrikeAsync(over.Token), .. clients]);
        }
        output.WriteLine(
            $"{ledger.Runs.Count} runs acknowledged; " +
            $"{string.Join(", ", ledger.Actions.OrderBy(action => action.Key).Select(action => $"{action.Value} {action.Key}"))}; " +
            $"{faults.Summary}");

        faults.MakeWhole();
        await LetGoOnAsync(system, ledger);
        await Eventually.TrueAsync("every acknowledged run to end", async () => await UnfinishedAsync(system, ledger) == 0, s_calm);
        await new Accounts(system, ledger).CheckAsync();
        output.WriteLine(await Accounts.EndingsAsync(system));

        await faults.DisposeAsync();
        await WholeSystem.StopAsync(system);
        Assert.Empty(Directory.EnumerateFiles(system.Store.LocalPath, "*.tmp*", SearchOption.AllDirectories));
    }

    /// <summary>Nobody is left to wake what a client put to sleep.</summary>
    private static async Task LetGoOnAsync(SystemUnderTest system, Ledger ledger)
    {
        foreach (var run in ledger.Runs)
        {
            if (await system.FindAsync(run) is { } found && (found.State is RunState.Paused || found.PauseRequested))
                await system.CliAsync("resume", run.ToString());
        }
    }

    private static async Task<int> UnfinishedAsync(SystemUnderTest system, Ledger ledger)
    {
        var unfinished = 0;
        foreach (var run in ledger.Runs)
            unfinished += (await system.FindAsync(run)).State.IsTerminal() ? 0 : 1;
        return unfinished;
    }
}
