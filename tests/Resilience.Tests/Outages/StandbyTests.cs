using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Databases;
using Npgsql;

namespace ChangeDetection.Resilience.Tests.Outages;

/// <summary>P4, P7, P11: the primary dies and a real standby is promoted; who knows both by one address goes on there, in the same attempt.</summary>
[Collection(nameof(SystemApart))]
public sealed class StandbyTests(SystemApart apart)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Standby_PromotedInTheMiddleOfARun_NothingEndsOrIsCharged()
    {
        await using var system = await SystemUnderTest.PrepareApartAsync(apart.Postgres);
        await using var standby = await StandbyServer.OfAsync(system.ConnectionString);
        var primary = new NpgsqlConnectionStringBuilder(system.ConnectionString);
        await system.ReachByAsync(
            $"postgresql://{primary.Username}:{primary.Password}@127.0.0.1:{primary.Port},127.0.0.1:{standby.Port}/{primary.Database}"
            + "?sslmode=disable&gssencmode=disable");
        await using var serve = system.StartServe();
        await using var worker = system.StartWorker(["--slots", "cpu"]);
        await serve.LineAsync("scheduler: ready", SystemApart.Limit);
        await worker.LineAsync("is ready", SystemApart.Limit);
        var run = await SmallRun.HeldAsync(system, "promoted", step: 3);

        await apart.Postgres.CrashAsync();
        try
        {
            system.Held.Release("promoted");
            await standby.PromoteAsync();

            var ended = await SmallRun.EndsAsUndisturbedAsync(system, run);
            Assert.Equal((1, 0, 0, 0), (ended.Attempt, ended.Deaths, ended.Errors, ended.Preemptions));
            // And the next finds its way by itself: submitted, enqueued, claimed and ended on the new primary.
            await SmallRun.EndsAsUndisturbedAsync(system, await SmallRun.SubmitAsync(system, "promoted-next"));
            Assert.False(serve.HasExited || worker.HasExited, $"{serve.Text}\n{worker.Text}");
            worker.Terminate();
            Assert.Equal(0, await worker.ExitAsync(s_soon));
            serve.Kill();
        }
        finally
        {
            await apart.Postgres.StartAsync();
        }
    }
}
