using System.Runtime.InteropServices;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Worker.Data.Pixels;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// What turns pixels into a network's input, for either date, as the checkpoint's training did it. Where that is by each image's own mean and deviation,
/// the whole scene is read once beforehand, without the pixels that show nothing.
/// </summary>
internal sealed record SceneNormalization(Normalizer Before, Normalizer After)
{
    private const int RowsAtOnce = 256;

    /// <param name="open">Opens either date anew: a pass over a scene uses up readers that go downwards.</param>
    /// <param name="alive">Called now and then.</param>
    /// <exception cref="CheckpointInvalidException">The manifest's normalization is not known, or not of so many channels.</exception>
    public static SceneNormalization Of(CheckpointManifest manifest, Func<(IRasterReader Before, IRasterReader After)> open, Action alive)
    {
        var (normalization, channels) = (NormalizationCompatibility.Of(manifest), manifest.Model.Channels);
        if (normalization.Kind is NormalizationKind.Image)
        {
            var (before, after) = open();
            using (before)
            using (after)
                return OfScene(before, after, alive);
        }
        var statistics = new NormalizationStatistics(manifest.Normalization.Mean ?? [], manifest.Normalization.Deviation ?? []);
        if (normalization.Kind is NormalizationKind.Dataset && (statistics.Mean.Count, statistics.Deviation.Count) != (channels, channels))
            throw NormalizationCompatibility.Unknown(manifest);
        var same = new Normalizer(normalization, statistics);
        return new(same, same);
    }

    private static SceneNormalization OfScene(IRasterReader before, IRasterReader after, Action alive)
    {
        var rows = new SceneRows(before, after);
        var (one, other) = (new Moments(), new Moments());
        for (var first = 0; first < rows.Height; first += RowsAtOnce)
        {
            rows.Require(first, Math.Min(rows.Height, first + RowsAtOnce));
            one.Add(rows.Before, rows);
            other.Add(rows.After, rows);
            alive();
        }
        return new(one.Normalizer(before.Shape.Channels), other.Normalizer(after.Shape.Channels));
    }

    /// <summary>Mean and population deviation of all values together, of rows that come one after the other (Chan, Golub, LeVeque 1983).</summary>
    private sealed class Moments
    {
        private double _count, _mean, _spread;

        public void Add(PixelImage image, SceneRows rows)
        {
            for (var y = rows.First; y < rows.End; y++)
            {
                var width = image.Shape.Width * image.Shape.Channels;
                var bytes = image.Bytes.Slice((y - rows.First) * width * image.Shape.BytesPerValue, width * image.Shape.BytesPerValue);
                switch (image.Shape.Type)
                {
                    case PixelType.UInt8: AddRow(bytes, rows.Missing(y), static value => value); break;
                    case PixelType.UInt16: AddRow(MemoryMarshal.Cast<byte, ushort>(bytes), rows.Missing(y), static value => value); break;
                    default: AddRow(MemoryMarshal.Cast<byte, float>(bytes), rows.Missing(y), static value => value); break;
                }
            }
        }

        public Normalizer Normalizer(int channels)
        {
            var deviation = _count > 0 ? Math.Sqrt(_spread / _count) : 0;
            return new Normalizer(Normalization.Dataset, new NormalizationStatistics(
                [.. Enumerable.Repeat(_mean, channels)], [.. Enumerable.Repeat(deviation, channels)]));
        }

        private void AddRow<T>(ReadOnlySpan<T> values, ReadOnlySpan<byte> missing, Func<T, double> number)
        {
            var channels = values.Length / missing.Length;
            var (count, sum) = (0L, 0.0);
            for (var i = 0; i < values.Length; i++)
            {
                if (missing[i / channels] == 0)
                    (count, sum) = (count + 1, sum + number(values[i]));
            }
            if (count == 0)
                return;
            var (mean, spread) = (sum / count, 0.0);
            for (var i = 0; i < values.Length; i++)
            {
                if (missing[i / channels] == 0)
                    spread += (number(values[i]) - mean) * (number(values[i]) - mean);
            }
            var (apart, total) = (mean - _mean, _count + count);
            _spread += spread + apart * apart * _count * count / total;
            _mean += apart * count / total;
            _count = total;
        }
    }
}
