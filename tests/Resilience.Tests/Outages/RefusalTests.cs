using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Databases;
using Npgsql;

namespace ChangeDetection.Resilience.Tests.Outages;

/// <summary>
/// P4, P7, P11: a server that is there and refuses is an outage like any other. Whatever it refused for, runs train on, all goes on by itself afterwards, and
/// nothing is charged.
/// </summary>
[Collection(nameof(SystemApart))]
public sealed class RefusalTests(SystemApart apart)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(30);

    [Fact]
    public Task Connections_UsedUp_AndThoseOfWorkersCut_NothingEndsOrIsCharged() => UseUpConnectionsAsync(apart, SystemUnderTest.Lease / 5);

    [Fact]
    public Task Server_SwitchedToReadOnly_NothingEndsOrIsCharged() => SwitchToReadOnlyAsync(apart, SystemUnderTest.Lease / 5);

    [Fact]
    public Task Disk_OfTheDatabaseFull_NothingEndsOrIsCharged() => FillTheDiskAsync(apart, SystemUnderTest.Lease / 5);

    internal static async Task UseUpConnectionsAsync(SystemApart apart, TimeSpan time)
    {
        var name = $"connections-{time.TotalSeconds:0}";
        var run = await apart.HeldAsync(name, SystemApart.ForDirect);
        var trainer = await apart.TrainerAsync(run);
        // One of ours that has its connection already, as a worker whose own was not cut.
        await using var database = await apart.Postgres.CreateDatabaseAsync();
        var leases = new LeaseStore(database.DataSource, new LeaseSettings { Duration = TimeSpan.FromMilliseconds(500) });
        var silent = (await Experiments.SubmitAsync(database))[0];
        Assert.NotNull(await leases.ClaimAsync(silent, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), CancellationToken.None));
        await leases.ExpireAsync(CancellationToken.None);

        await using (var held = await HeldConnections.AllAsync(apart.System.ConnectionString))
        {
            await CutAsync(database, apart.System.Apart.Name);
            await held.FillAsync();
            apart.System.Held.Release(name);
            using var rounds = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < time; await rounds.WaitForNextTickAsync())
            {
                // Whoever was cut off cannot come back to renew, so nobody's silence counts.
                Assert.Empty(await leases.ExpireAsync(CancellationToken.None));
                await held.FillAsync();
            }
            Assert.True(RunningProgram.IsAlive(trainer));
        }

        await Eventually.TrueAsync(
            "the silent run to be taken back", async () => (await leases.ExpireAsync(CancellationToken.None)).Contains(silent), s_soon);
        await EndsAsync(apart, run, trainer);
    }

    internal static async Task SwitchToReadOnlyAsync(SystemApart apart, TimeSpan time)
    {
        var name = $"read-only-{time.TotalSeconds:0}";
        var run = await apart.HeldAsync(name, SystemApart.ForDirect);
        var trainer = await apart.TrainerAsync(run);
        await apart.Postgres.AdministerAsync("alter system set default_transaction_read_only = on");
        await apart.Postgres.AdministerAsync("select pg_reload_conf()");
        try
        {
            apart.System.Held.Release(name);
            await using var late = apart.System.StartServe();
            Assert.Contains("25006", await late.LineAsync("scheduler: waiting for the database", s_soon), StringComparison.Ordinal);
            await Task.Delay(time);
            Assert.True(RunningProgram.IsAlive(trainer));
        }
        finally
        {
            await using var source = NpgsqlDataSource.Create(apart.System.ConnectionString + ";Pooling=false");
            await using var connection = await source.OpenConnectionAsync();
            foreach (var sql in new[]
                     {
                         "set default_transaction_read_only = off", "alter system reset default_transaction_read_only", "select pg_reload_conf()",
                     })
            {
                await using var command = new NpgsqlCommand(sql, connection);
                await command.ExecuteNonQueryAsync();
            }
        }
        await EndsAsync(apart, run, trainer);
    }

    /// <summary>On a system of its own: its database stands on a small disk.</summary>
    internal static async Task FillTheDiskAsync(SystemApart apart, TimeSpan time)
    {
        await using var system = await SystemUnderTest.PrepareApartAsync(apart.Postgres);
        system.Database.Clear();
        await using var disk = await FilledDatabase.MoveOrSkipAsync(apart.Postgres, system.Apart);
        await using var serve = system.StartServe();
        await using var worker = system.StartWorker(["--slots", "cpu"]);
        await serve.LineAsync("scheduler: ready", SystemApart.Limit);
        await worker.LineAsync("is ready", SystemApart.Limit);
        var run = await SmallRun.HeldAsync(system, "disk-full", step: 3);

        await disk.FillAsync();
        system.Held.Release("disk-full");
        // No session can be opened, and the refusal has a code that stands for anything.
        await using var late = system.StartServe();
        Assert.Contains("could not write init file", await late.LineAsync("scheduler: waiting for the database", s_soon), StringComparison.Ordinal);
        await Task.Delay(time);
        Assert.False(serve.HasExited || worker.HasExited, $"{serve.Text}\n{worker.Text}");

        disk.Relieve();
        var ended = await SmallRun.EndsAsUndisturbedAsync(system, run);
        Assert.Equal((1, 0, 0, 0), (ended.Attempt, ended.Deaths, ended.Errors, ended.Preemptions));
        await late.LineAsync("scheduler: ready", s_soon);
        Assert.Single(await system.WorkersAsync(), found => found.State is WorkerState.Ready);
        worker.Terminate();
        Assert.Equal(0, await worker.ExitAsync(s_soon));
        foreach (var part in new[] { serve, late })
            part.Kill();
    }

    private static async Task EndsAsync(SystemApart apart, Guid run, int trainer)
    {
        await apart.EndsAsIfNothingHadHappenedAsync(run);
        Assert.Equal(trainer, (await apart.AttemptsAsync(run)).Single().TrainerPid);
        foreach (var part in new[] { apart.Serve, apart.Direct, apart.Distant })
            Assert.False(part.HasExited, part.Text);
        apart.SaysNothingOfTheAddress(apart.Serve, apart.Direct, apart.Distant);
    }

    private static async Task CutAsync(TestDatabase by, string database)
    {
        await using var command = by.DataSource.CreateCommand($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'");
        await command.ExecuteNonQueryAsync();
    }
}
