using System.Text.RegularExpressions;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Runs;

/// <summary>P3: the statements that change a state make the transitions of <see cref="RunTransitions"/>, all of them and no other.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed partial class StateMachineTests(PostgresServer server)
{
    /// <summary>Every lease has run out, and the second death is the last.</summary>
    private static readonly LeaseSettings s_lease = new() { Duration = TimeSpan.Zero, MaxDeaths = 2 };

    [Fact]
    public async Task EveryStatement_FromEveryState_MakesTheTransitionsOfTheTable()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync(
            """
            create table made (was text, is_now text);
            create function note_transition() returns trigger language plpgsql as $$
            begin insert into changedetection.made values (old.state, new.state); return null; end $$;
            create trigger note after update of state on runs for each row when (old.state <> new.state) execute function note_transition();
            """);

        foreach (var statement in Statements(database))
        {
            await FillAsync(database);
            var runs = await connection.QueryAsync<(Guid Id, int Attempt)>("select id, attempt from runs");
            await Parallel.ForEachAsync(
                runs, new ParallelOptions { MaxDegreeOfParallelism = 4 },
                async (run, _) => await statement(new Claim(run.Id, run.Attempt, Guid.NewGuid())));
            await connection.ExecuteAsync("truncate experiments cascade");
        }

        var made = (await connection.QueryAsync<(string, string)>("select distinct was, is_now from made")).Order();
        Assert.Equal(RunTransitions.All.Select(legal => (legal.From.Word(), legal.To.Word())).Order(), made);
    }

    /// <summary>Where a statement that sets a state is added, it must come into the list below.</summary>
    [Fact]
    public void Statements_ThatSetAState_StandInTheStoresThatAreDriven()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && SetsAState().IsMatch(File.ReadAllText(file)));

        Assert.Equal(
            ["AttemptStore.cs", "DependencyStore.cs", "LeaseStore.cs", "RunActionStore.cs"],
            sources.Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    /// <summary>Every statement of ours that can change a run's state, in every manner that its parameters allow.</summary>
    private static IEnumerable<Func<Claim, Task>> Statements(TestDatabase database)
    {
        var none = CancellationToken.None;
        var leases = new LeaseStore(database.DataSource, s_lease);
        var attempts = new AttemptStore(database.DataSource);
        var steering = new RunActionStore(database.DataSource);
        yield return claim => leases.ClaimAsync(claim.Run, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), none);
        yield return _ => leases.ExpireAsync(none);
        yield return _ => new DependencyStore(database.DataSource).SettleAsync(none);
        foreach (var action in Enum.GetValues<RunAction>())
            yield return claim => steering.ApplyAsync(action, claim.Run, none);
        foreach (var ending in Enum.GetValues<AttemptEnding>())
        {
            foreach (var retryable in new[] { false, true })
                yield return claim => EndAsync(attempts, claim, ending, retryable);
        }
    }

    private static async Task EndAsync(AttemptStore attempts, Claim claim, AttemptEnding ending, bool retryable)
    {
        try
        {
            await attempts.EndAsync(claim, ending, "why", retryable, s_lease, CancellationToken.None);
        }
        catch (LeaseLostException)
        {
            // Its state was not running.
        }
    }

    /// <summary>A run in every state, with every mark that its row can have there, and each of these waiting for a parent in every state as well.</summary>
    private static async Task FillAsync(TestDatabase database)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync(
            """
            create temporary table states on commit preserve rows as
                select state, cancel, pause, deaths from unnest(array['queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled']) state,
                       unnest(array[false, true]) cancel, unnest(array[false, true]) pause, unnest(array[0, 1]) deaths
                where state = 'running' or deaths = 0;
            insert into experiments (id, name, config, source, digest) values ('00000000-0000-0000-0000-000000000001', 'e', '{}', '', '');
            insert into runs (
                    id, experiment_id, name, kind, state, priority, device, config, digest, attempt,
                    worker_id, lease_until,
                    cancel_requested, pause_requested, deaths)
                select gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'r', 'train', state, 5, 'any', '{"retries": {"errors": 1}}', '', 1,
                       case when state = 'running' then gen_random_uuid() end, case when state = 'running' then clock_timestamp() end,
                       cancel, pause, deaths
                from states;
            with parents as (select distinct on (state) id, state from runs),
            children as (
                insert into runs (
                    id, experiment_id, name, kind, state, priority, device, config, digest,
                    waits_for, cancel_requested, pause_requested, source_run)
                select gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'c', 'evaluate', states.state, 5, 'any', '{}', '',
                       1, cancel, pause, parents.id
                from states, parents where states.state in ('queued', 'paused', 'cancelled')
                returning id, source_run)
            insert into run_dependencies (run_id, parent_id) select id, source_run from children;
            drop table states;
            """);
    }

    [GeneratedRegex(@"update runs( r)? set ((?!\bwhere\b)[^""])*?\bstate = ", RegexOptions.IgnoreCase)]
    private static partial Regex SetsAState();
}
