using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Data.Order;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Samples.Decoded;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>A split that samples are read from, and how its pixels are normalised.</summary>
/// <param name="Shards">Opens its shards.</param>
/// <param name="Normalizer">By the data set's own statistics, when that is asked for.</param>
/// <param name="Labels">What the values of its masks are.</param>
/// <param name="Decoded">Its part of the decoded cache; null without one.</param>
/// <param name="Rescaling">What pixels become before they are normalised; null: they are as they are.</param>
internal sealed record SplitSource(
    ShardSource Shards, SplitManifest Split, Normalizer Normalizer, LabelTable Labels, DecodedSplit? Decoded, PixelRescaling? Rescaling)
{
    /// <summary>How the data set keeps its samples.</summary>
    public SampleFormat Format { get; } = SampleFormat.Of(Shards.Dataset.Manifest);

    public int Channels => Shards.Dataset.Manifest.Channels;

    public ShardManifest ShardOf(SampleRef place) => Split.Shards[place.Shard];

    /// <summary>Reads one sample by itself, beside the stream's own reads: for a sample whose record turned out damaged.</summary>
    /// <exception cref="ShardCorruptException">The bytes are not those that were packed.</exception>
    public async Task<EncodedSample> ReadAloneAsync(SampleRef place, CancellationToken cancellationToken)
    {
        var shard = await Shards.OpenAsync(ShardOf(place), cancellationToken);
        using (shard.Bytes)
        {
            var ring = new ByteRing((int)Math.Min(shard.Index.Range(place.Sample).Length, Array.MaxLength));
            var sample = await EncodedSample.RentAsync(place, shard, Format, ring, cancellationToken);
            await sample.ReadAsync(cancellationToken);
            return sample;
        }
    }
}
