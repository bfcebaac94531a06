using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests.Chaos;

/// <summary>Somebody at the command line: submits, and changes their mind.</summary>
internal sealed class Client(SystemUnderTest system, Ledger ledger, Random random)
{
    private const int Seeds = 3;
    private const int Epochs = 3;
    private const int MostAtOnce = 12;

    private static readonly string[] s_verbs = ["cancel", "pause", "pause", "resume", "resume", "retry"];

    public async Task ActAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var runs = ledger.Runs;
            if (runs.Count == 0 || (random.Next(3) == 0 && await UnfinishedAsync() < MostAtOnce))
                await SubmitAsync();
            else
                await SteerAsync(s_verbs[random.Next(s_verbs.Length)], runs.ElementAt(random.Next(runs.Count)));
        }
    }

    private async Task SubmitAsync()
    {
        var seed = random.Next(Seeds);
        try
        {
            foreach (var run in await system.SubmitByCliAsync($"seed-{seed}-{random.Next(1_000_000)}", Epochs, seed, evaluate: random.Next(3) == 0))
                ledger.Acknowledge(run, seed);
            ledger.Did("submitted");
        }
        catch (InvalidOperationException)
        {
            // Refused aloud, because the database was away: no id was given, so nothing is owed.
            ledger.Did("refused");
        }
    }

    private async Task SteerAsync(string verb, Guid run)
    {
        var answer = await system.CliAsync(verb, run.ToString());
        ledger.Did(answer.ExitCode == 0 ? verb : $"{verb} refused");
    }

    private async Task<int> UnfinishedAsync()
    {
        var listed = await system.CliAsync("list", "--json");
        return listed.ExitCode == 0 ? listed.Output.Split("\"queued\"").Length + listed.Output.Split("\"running\"").Length - 2 : MostAtOnce;
    }
}
