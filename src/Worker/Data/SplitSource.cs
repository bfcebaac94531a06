using ChangeDetection.Shards;
using ChangeDetection.Worker.Data.Decoded;

namespace ChangeDetection.Worker.Data;

/// <summary>A split that samples are read from, and how its pixels are normalised.</summary>
/// <param name="Normalizer">By the data set's own statistics, when that is asked for.</param>
/// <param name="Decoded">Its part of the decoded cache; null without one.</param>
internal sealed record SplitSource(ShardDataset Dataset, SplitManifest Split, Normalizer Normalizer, DecodedSplit? Decoded)
{
    /// <summary>Reads one sample by itself, beside the stream's own reads: for a sample whose record turned out damaged.</summary>
    /// <exception cref="ShardCorruptException">The bytes are not those that were packed.</exception>
    public async Task<SampleBytes> ReadAloneAsync(SamplePlace place, CancellationToken cancellationToken)
    {
        var index = await Dataset.ReadIndexAsync(Split.Shards[place.Shard], cancellationToken);
        var ring = new ByteRing((int)Math.Min(index.Range(place.Sample).Length, Array.MaxLength));
        var sample = await SampleBytes.RentAsync(place, index, ring, cancellationToken);
        await sample.ReadAsync(Dataset.Store, cancellationToken);
        return sample;
    }
}
