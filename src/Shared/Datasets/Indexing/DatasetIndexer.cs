using System.Globalization;
using System.Text;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Indexing;

/// <summary>
/// Makes a data set of tars that another program wrote (Python's <c>webdataset</c>): reads each once, writes its two sidecars, and
/// <c>dataset.json</c> last. The tars stay as they are. When that fails or is cancelled, what was written is deleted again.
/// </summary>
public sealed class DatasetIndexer(IndexOptions options)
{
    /// <exception cref="PackRequestException">A name, a split or the address is not what was meant.</exception>
    /// <exception cref="ShardCorruptException">A tar, a member or a sample breaks a rule; the message names it.</exception>
    public async Task<IndexReport> IndexAsync(IObjectStore store, IProgress<IndexProgress>? progress, CancellationToken cancellationToken)
    {
        var name = NameOf(store);
        if (options.Fields.Violation() is { } wrong)
            throw new PackRequestException($"--field: {wrong}");
        var found = await ExternalShards.FindAsync(store, options.Splits, cancellationToken);
        if (found.Splits.Keys.Select(DatasetManifestRules.NameViolation).FirstOrDefault(rule => rule is not null) is { } rule)
            throw new PackRequestException($"The name of a split {rule}. Say with --split {ShardSplitRule.Syntax} which tars are which split.");
        var written = new List<ObjectKey>();
        var finished = false;
        try
        {
            var report = await new Run(store, name, options, found, written, progress).ToEndAsync(cancellationToken);
            finished = true;
            return report;
        }
        finally
        {
            // Not to be cancelled: it is what a cancelled indexing has left to do.
            foreach (var key in finished ? [] : written)
                await store.DeleteAsync(key, CancellationToken.None);
        }
    }

    private string NameOf(IObjectStore store)
    {
        var name = options.Name ?? SampleKey.FromPath(Uri.UnescapeDataString(store.Root.AbsolutePath.TrimEnd('/').Split('/')[^1]));
        return DatasetManifestRules.NameViolation(name) is { } rule
            ? throw new PackRequestException($"The name '{name}' of the data set {rule}. Give another one with --name.")
            : name;
    }

    /// <summary>One indexing.</summary>
    private sealed class Run(
        IObjectStore store, string name, IndexOptions options, ExternalShards found, List<ObjectKey> written, IProgress<IndexProgress>? progress)
    {
        private readonly SampleInspection _inspection = new(
            options.Fields, split => split == SourceSurvey.TrainingSplit || !found.Splits.ContainsKey(SourceSurvey.TrainingSplit));
        private readonly long _total = found.Splits.Values.Sum(tars => tars.Sum(tar => tar.Length));
        private readonly List<string> _passedOver = [];
        private long _done;

        public async Task<IndexReport> ToEndAsync(CancellationToken cancellationToken)
        {
            var splits = new Dictionary<string, SplitManifest>(StringComparer.Ordinal);
            foreach (var (split, tars) in found.Splits)
                splits[split] = await IndexSplitAsync(split, tars, cancellationToken);
            _inspection.Finish();
            var manifest = new DatasetManifest
            {
                Name = name,
                Channels = _inspection.Channels,
                Splits = splits,
                Statistics = _inspection.Statistics,
                Provenance = new(name, "webdataset", options.Tool),
                Fields = options.Fields == FieldNames.Packed ? null : options.Fields,
            };
            var bytes = DatasetManifestFile.Format(manifest);
            await store.PutAsync(new ObjectKey(DatasetManifest.FileName), async (stream, token) => await stream.WriteAsync(bytes, token), cancellationToken);
            return new(manifest, [.. Warnings(splits)]);
        }

        private async Task<SplitManifest> IndexSplitAsync(string split, List<StoredObject> tars, CancellationToken cancellationToken)
        {
            var (keys, shards) = (new HashSet<UInt128>(), new List<ShardManifest>());
            var (labelled, changed, pixels) = ((bool?)null, 0L, 0L);
            foreach (var tar in tars)
            {
                progress?.Report(new(tar.Key.Value, _done, _total));
                var reader = new ExternalShardReader(tar, split, options.Fields, _inspection, keys);
                var shard = await reader.ReadAsync(store, labelled, at => progress?.Report(new(tar.Key.Value, _done + at, _total)), cancellationToken);
                _done += tar.Length;
                _passedOver.AddRange(reader.PassedOver.Take(Math.Max(0, 1000 - _passedOver.Count)));
                shards.Add(await PutSidecarsAsync(tar, shard, cancellationToken));
                (labelled, changed, pixels) = (shard.Labelled, changed + shard.Changed, pixels + shard.Pixels);
            }
            progress?.Report(new("", _done, _total));
            return new()
            {
                Shards = shards,
                Samples = shards.Sum(shard => shard.Samples),
                Bytes = shards.Sum(shard => shard.Bytes),
                ChangeFraction = Fraction(changed, pixels),
                Unlabelled = labelled == false,
            };
        }

        private async Task<ShardManifest> PutSidecarsAsync(StoredObject tar, ForeignShard shard, CancellationToken cancellationToken)
        {
            var index = new ShardIndex(tar.Key.Value, shard.Samples);
            var limit = ShardIndexText.MaxBytes(tar.Length);
            if (Encoding.UTF8.GetByteCount(ShardIndexText.FormatIndex(index)) > limit)
                throw new ShardCorruptException(
                    tar.Key.Value, $"has names so long that its index would have more than {limit} bytes", "Give its members shorter names.");
            var (indexSha256, sumSha256) = await ShardSidecars.PutAsync(store, index, written, cancellationToken);
            return new()
            {
                Name = tar.Key.Value,
                Bytes = tar.Length,
                Sha256 = shard.Sha256,
                Samples = index.Count,
                ChangeFraction = Fraction(shard.Changed, shard.Pixels),
                IndexSha256 = indexSha256,
                SumSha256 = sumSha256,
                ChangedSamples = shard.Labelled ? SampleBits.Of(shard.ChangedSamples).ToString() : null,
            };
        }

        private IEnumerable<string> Warnings(Dictionary<string, SplitManifest> splits)
        {
            if (found.Unmatched.Count > 0)
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"{found.Unmatched.Count} tars are in no split: {ExternalShards.Names(found.Unmatched)}");
            if (_passedOver.Count > 0)
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_passedOver.Count} members are no part of a sample and are passed over: {ExternalShards.Names(_passedOver)}");
            if (_inspection.Stray > 0)
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"masks have {_inspection.Stray} pixels of a stray grey; as everything but 0 they count as change");
            foreach (var (split, content) in splits)
            {
                if (content.Unlabelled)
                    yield return $"the split '{split}' has no field '{options.Fields.Mask}', so nothing can be trained or scored on it";
                else if (content.ChangeFraction == 0)
                    yield return $"the split '{split}' has not one changed pixel; nothing could be learned from it, and scores on it mean nothing";
            }
        }

        private static double Fraction(long changed, long pixels) => pixels == 0 ? 0 : (double)changed / pixels;
    }
}
