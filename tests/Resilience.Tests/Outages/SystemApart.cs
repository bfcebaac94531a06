using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Dapper;
using Npgsql;

namespace ChangeDetection.Resilience.Tests.Outages;

/// <summary>
/// A scheduler and two workers as processes apart, on a database that can be taken away. Each worker lives in a time
/// zone of its own, the database in a third: all that is shown here is shown under three clocks that disagree.
/// </summary>
public sealed class SystemApart : IAsyncLifetime
{
    public const string DirectZone = "Pacific/Kiritimati";
    public const string DistantZone = "America/St_Johns";
    public const string DatabaseZone = "Asia/Kathmandu";

    /// <summary>
    /// Priorities, and so queues, of the runs that the direct worker takes, those that the distant one takes, those that both do, and those that none
    /// does.
    /// </summary>
    public const int ForDirect = 3;
    public const int ForDistant = 9;
    public const int ForBoth = 5;
    public const int ForNobody = 1;

    private const int HeldAt = 3;
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public SystemUnderTest System { get; private set; } = null!;
    public PostgresServer Postgres => System.Postgres!;
    public RunningProgram Serve { get; private set; } = null!;
    /// <summary>Reaches the database directly.</summary>
    public RunningProgram Direct { get; private set; } = null!;
    /// <summary>Reaches it through <see cref="Network"/>.</summary>
    public RunningProgram Distant { get; private set; } = null!;
    public DatabaseProxy Network { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        System = await SystemUnderTest.PrepareApartAsync();
        Network = DatabaseProxy.Start(System.ConnectionString);
        await using (var connection = await System.Database.OpenConnectionAsync())
            await connection.ExecuteAsync($"do $$ begin execute format('alter database %I set timezone = %L', current_database(), '{DatabaseZone}'); end $$");
        // A database's settings hold for new connections only, and the pool has old ones.
        System.Database.Clear();
        Serve = System.StartServe();
        Direct = System.StartWorker(["--slots", "cpu", "--queues", Queues(ForDirect, ForBoth)], new Dictionary<string, string?> { ["TZ"] = DirectZone });
        Distant = System.StartWorker(["--slots", "cpu", "--queues", Queues(ForDistant, ForBoth)], new Dictionary<string, string?>
        {
            ["TZ"] = DistantZone,
            ["CHANGEDETECTION_DATABASE"] = Network.ConnectionString,
        });
        await Serve.LineAsync("scheduler: ready", Limit);
        await Direct.LineAsync("is ready", Limit);
        await Distant.LineAsync("is ready", Limit);
        await SmallRun.UndisturbedAsync(System, ForDirect);
    }

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        await Network.DisposeAsync();
    }

    public static string Queues(params int[] priorities) => string.Join(',', priorities.Select(priority => $"q{9 - priority}-any"));

    public Task<Guid> SubmitAsync(string name, int priority) => SmallRun.SubmitAsync(System, name, priority);

    /// <summary>Submits a run, and returns when it is held near its beginning: what befalls it then, befalls it in the middle.</summary>
    public Task<Guid> HeldAsync(string name, int priority) => SmallRun.HeldAsync(System, name, HeldAt, priority);

    public async Task<int> TrainerAsync(Guid run) =>
        (await AttemptsAsync(run)).Single(attempt => attempt.EndedAt is null).TrainerPid!.Value;

    public Task<IReadOnlyList<Attempt>> AttemptsAsync(Guid run) =>
        new AttemptStore(System.Database).ListAsync(run, CancellationToken.None);

    /// <summary>P9: whatever a program of ours has said of the database, no part of its address is in it.</summary>
    public void SaysNothingOfTheAddress(params RunningProgram[] programs)
    {
        var address = new NpgsqlConnectionStringBuilder(System.ConnectionString);
        foreach (var program in programs)
        {
            Assert.DoesNotContain(address.Host!, program.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(address.Password!, program.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(address.Database!, program.Text, StringComparison.Ordinal);
            Assert.DoesNotContain($"\"{address.Username}\"", program.Text, StringComparison.Ordinal);
        }
    }

    /// <summary>What every disturbed run must come to: the weights and metrics of the undisturbed one, and no event twice.</summary>
    public async Task<Run> EndsAsIfNothingHadHappenedAsync(Guid run, int attempts = 1)
    {
        var ended = await SmallRun.EndsAsUndisturbedAsync(System, run, ForDirect);
        var told = string.Join("; ", (await AttemptsAsync(run)).Select(attempt => $"{attempt.Ending}: {attempt.Detail}"));
        Assert.True((attempts, attempts - 1, 0, 0) == (ended.Attempt, ended.Deaths, ended.Errors, ended.Preemptions), told);
        var events = await new EventStore(System.Database).ListAsync(run, CancellationToken.None);
        Assert.Distinct(events.Select(entry => (entry.Attempt, entry.Type, entry.Detail)));
        Assert.Equal(attempts, events.Count(entry => entry.Type == "claimed"));
        Assert.Single(events, entry => entry.Type == "succeeded");
        return ended;
    }
}

/// <summary>One system for all scenes that leave it as they found it: bringing it up costs more than a scene.</summary>
[CollectionDefinition(nameof(SystemApart))]
public sealed class SystemApartScenes : ICollectionFixture<SystemApart>;
