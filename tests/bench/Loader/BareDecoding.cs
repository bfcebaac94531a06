using System.Diagnostics;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Pixels;

namespace ChangeDetection.Bench.Loader;

/// <summary>
/// The least that any loader of ours must do: threads that take turns at the samples of the shards, in their order, read them, decode them and turn them
/// into floats in batch buffers. No check, no order, no bound.
/// </summary>
internal static class BareDecoding
{
    private const int BatchRows = 16;

    public static async Task<LoaderFigures> MeasureAsync(string folder, int samples, int threads)
    {
        var dataset = await ShardDataset.OpenAsync(new FileObjectStore(folder), CancellationToken.None);
        var indexes = new List<ShardIndex>();
        foreach (var shard in dataset.Manifest.Splits["train"].Shards)
            indexes.Add(await dataset.ReadIndexAsync(shard, CancellationToken.None));
        var places = indexes.SelectMany(index => Enumerable.Range(0, index.Count).Select(sample => (index, sample))).Take(samples).ToList();
        var files = indexes.ToDictionary(index => index.Shard, index => File.OpenHandle(Path.Combine(folder, index.Shard)));
        Run(places, files, threads, dataset.Manifest.Statistics);
        var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        Run(places, files, threads, dataset.Manifest.Statistics);
        return new LoaderFigures(samples, clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }

    private static void Run(
        List<(ShardIndex Index, int Sample)> places,
        Dictionary<string, Microsoft.Win32.SafeHandles.SafeFileHandle> files,
        int threads,
        NormalizationStatistics statistics)
    {
        var next = -1;
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            var decoding = new Decoding(statistics);
            for (int at; (at = Interlocked.Increment(ref next)) < places.Count;)
                decoding.Read(files[places[at].Index.Shard], places[at].Index, places[at].Sample);
        })).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
    }

    /// <summary>The buffers of one thread: two batches, so that floats leave the processor's caches as they do in a loader.</summary>
    private sealed class Decoding(NormalizationStatistics statistics)
    {
        private readonly Normalizer _normalizer = new(Normalization.Unit, statistics);
        private readonly PixelCopier _copier = new();
        private byte[] _encoded = [];
        private byte[] _pixels = [];
        private float[] _floats = [];
        private byte[] _mask = [];
        private int _row;

        public void Read(Microsoft.Win32.SafeHandles.SafeFileHandle file, ShardIndex index, int sample)
        {
            var (offset, length) = index.Range(sample);
            if (_encoded.Length < length)
                _encoded = new byte[length];
            RandomAccess.Read(file, _encoded.AsSpan(0, (int)length), offset);
            foreach (var role in (ReadOnlySpan<string>)[SampleFields.Before, SampleFields.After, SampleFields.Mask])
            {
                var field = index.Find(sample, role)!.Value;
                var bytes = _encoded.AsMemory((int)(field.Offset - offset), field.Length);
                var image = role == SampleFields.Mask ? ImageCodec.DecodeMask(bytes, role, reuse: _pixels) : ImageCodec.Decode(bytes, role, reuse: _pixels);
                _pixels = image.Pixels;
                Convert(image, role);
            }
        }

        private void Convert(PixelImage image, string role)
        {
            var (height, width) = (image.Shape.Height, image.Shape.Width);
            var whole = GeometricAugmentation.None(height, width);
            if (role == SampleFields.Mask)
            {
                if (_mask.Length == 0)
                    _mask = new byte[height * width];
                PixelCopier.CopyMask(image, whole, LabelTable.Binary, _mask);
                return;
            }
            var values = height * width * image.Shape.Channels;
            if (_floats.Length == 0)
                _floats = new float[4 * BatchRows * values];
            _copier.CopyImage(image, whole, _normalizer, _floats.AsSpan(_row * values, values));
            _row = (_row + 1) % (4 * BatchRows);
        }
    }
}
