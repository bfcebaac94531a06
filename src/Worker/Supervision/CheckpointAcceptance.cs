using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// Gives a durable checkpoint its fenced row, and retires those that the run's retention no longer keeps. Their objects are none of the worker's
/// business: who may still be reading them is known to the database alone, and the scheduler collects them from there.
/// </summary>
public sealed class CheckpointAcceptance(CheckpointConfig retention)
{
    public async Task AcceptAsync(CheckpointOffer offer, FencedTransaction fence, CancellationToken cancellationToken)
    {
        await CheckpointStore.AddAsync(fence, ToRecord(offer), cancellationToken);
        await CheckpointStore.RetireAsync(fence, retention.KeepBest, retention.KeepLast, cancellationToken);
        CrashPoint.Reach(CrashPoints.CheckpointRowWritten);
    }

    private static CheckpointRecord ToRecord(CheckpointOffer offer) => new()
    {
        Step = offer.Step,
        Epoch = offer.Epoch,
        Prefix = offer.Prefix,
        WeightsSha256 = offer.WeightsSha256,
        ManifestSha256 = offer.ManifestSha256,
        Bytes = offer.Bytes,
        Best = offer.Best,
        Metrics = JsonSerializer.Serialize(offer.Metrics),
    };
}
