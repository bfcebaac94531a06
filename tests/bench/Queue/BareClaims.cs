using System.Diagnostics;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Runs;
using Npgsql;

namespace ChangeDetection.Bench.Queue;

/// <summary>The scale of a pickup: what the server takes for a claim alone, by somebody who knows already, and for no work at all.</summary>
internal sealed class BareClaims : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly Guid _worker;

    private BareClaims(NpgsqlDataSource database, Guid worker) => (_database, _worker) = (database, worker);

    public static async Task<BareClaims> StartAsync(string connectionString)
    {
        var database = DataSources.Create(connectionString, "changedetection bench");
        return new BareClaims(database, await BenchRuns.RegisterWorkerAsync(database));
    }

    public async Task<TimeSpan> ClaimAsync()
    {
        var run = await BenchRuns.SubmitAsync(_database);
        var start = Stopwatch.GetTimestamp();
        var claim = await new LeaseStore(_database, new LeaseSettings()).ClaimAsync(
            run, _worker, BenchRuns.Host, BenchRuns.Slot, Guid.CreateVersion7(), CancellationToken.None);
        return claim is null ? throw new InvalidOperationException($"Run {run} could not be claimed.") : Stopwatch.GetElapsedTime(start);
    }

    public async Task<TimeSpan> RoundTripAsync()
    {
        await using var command = _database.CreateCommand("select 1");
        var start = Stopwatch.GetTimestamp();
        await command.ExecuteScalarAsync();
        return Stopwatch.GetElapsedTime(start);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
