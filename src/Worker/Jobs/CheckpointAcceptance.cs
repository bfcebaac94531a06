using System.Text.Json;
using ChangeDetection.Checkpoints;
using ChangeDetection.Configuration;
using ChangeDetection.Runs;
using ChangeDetection.Storage;
using ChangeDetection.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace ChangeDetection.Worker.Jobs;

/// <summary>Gives a durable checkpoint its fenced row, and lets go of those that the run's retention no longer keeps.</summary>
public sealed class CheckpointAcceptance(IObjectStore store, CheckpointConfig retention, ILogger logger)
{
    /// <summary>Writes the row and takes out those of retired checkpoints. Their objects may go once the transaction has committed.</summary>
    public async Task<PublishedCheckpoint> AcceptAsync(CheckpointOffer offer, FencedTransaction fence, CancellationToken cancellationToken)
    {
        await CheckpointStore.AddAsync(fence, ToRecord(offer), cancellationToken);
        var retired = await CheckpointStore.RetireAsync(fence, retention.KeepBest, retention.KeepLast, cancellationToken);
        return new PublishedCheckpoint(offer.Prefix, retired);
    }

    /// <summary>
    /// Deletes the objects of checkpoints whose rows are gone. Nobody refers to them any more, so one that cannot be deleted costs space and
    /// nothing else: it is told, and no reason to end a healthy attempt.
    /// </summary>
    public async Task DeleteAsync(IReadOnlyList<string> prefixes, CancellationToken cancellationToken)
    {
        foreach (var prefix in prefixes)
        {
            try
            {
                await foreach (var stored in store.ListAsync(prefix + "/", cancellationToken))
                    await store.DeleteAsync(stored.Key, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                WorkerLog.RetiredCheckpointStays(logger, prefix, exception.Message);
            }
        }
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

/// <summary>A checkpoint that has its row, and the prefixes of those that went for it.</summary>
public sealed record PublishedCheckpoint(string Prefix, IReadOnlyList<string> Retired);
