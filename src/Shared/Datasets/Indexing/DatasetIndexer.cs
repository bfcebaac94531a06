using System.Globalization;
using System.Text;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
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
        var name = options.Name ?? SampleKey.AsciiFromPath(Uri.UnescapeDataString(store.Root.AbsolutePath.TrimEnd('/').Split('/')[^1]));
        return DatasetManifestRules.NameViolation(name) is { } rule
            ? throw new PackRequestException($"The name '{name}' of the data set {rule}. Give another one with --name.")
            : name;
    }

    /// <summary>One indexing.</summary>
    private sealed class Run(
        IObjectStore store, string name, IndexOptions options, ExternalShards found, List<ObjectKey> written, IProgress<IndexProgress>? progress)
    {
        private readonly SampleInspection _inspection = new(
            options.Fields, options.Masks, split => StatisticsSplits.Count(split, found.Splits.Keys));
        private readonly long _total = found.Splits.Values.Sum(tars => tars.Sum(tar => tar.Length));
        private readonly List<string> _passedOver = [];
        private long _done;

        public async Task<IndexReport> ToEndAsync(CancellationToken cancellationToken)
        {
            var indexed = new Dictionary<string, List<IndexedShard>>(StringComparer.Ordinal);
            foreach (var (split, tars) in found.Splits)
                indexed[split] = await IndexSplitAsync(split, tars, cancellationToken);
            progress?.Report(new("", _total, _total));
            var warnings = new List<string>();
            var rule = _inspection.FindRule(warnings.Add);
            var (chosen, classes) = (rule is null ? 0 : _inspection.Candidates.Find(rule.Mapping), rule?.Mapping.Rules.Classes);
            var splits = indexed.ToDictionary(split => split.Key, split => Split(split.Key, split.Value, chosen, classes is not null), StringComparer.Ordinal);
            var manifest = new DatasetManifest
            {
                Version = DatasetManifest.NewestVersion,
                Name = name,
                Channels = _inspection.Shape.Channels,
                Splits = splits,
                Statistics = _inspection.Statistics,
                Provenance = new(name, Provenance.Indexed, options.Tool),
                Fields = options.Fields == FieldNames.Packed ? null : options.Fields,
                Classes = classes,
                Mask = rule is null ? null : MaskRecord.Of(rule.Mapping, rule.Values, raw: true),
                PixelType = PixelTypes.Name(_inspection.Shape.Type),
                Ranges = _inspection.Ranges,
            };
            var bytes = DatasetManifestFile.Format(manifest);
            await store.PutAsync(new ObjectKey(DatasetManifest.FileName), async (stream, token) => await stream.WriteAsync(bytes, token), cancellationToken);
            return new(manifest, [.. warnings, .. Warnings(splits)]);
        }

        private async Task<List<IndexedShard>> IndexSplitAsync(string split, List<StoredObject> tars, CancellationToken cancellationToken)
        {
            var (keys, shards, labelled) = (new HashSet<UInt128>(), new List<IndexedShard>(), (bool?)null);
            foreach (var tar in tars)
            {
                progress?.Report(new(tar.Key.Value, _done, _total));
                var reader = new ExternalShardReader(tar, split, options.Fields, _inspection, keys);
                var shard = await reader.ReadAsync(store, labelled, at => progress?.Report(new(tar.Key.Value, _done + at, _total)), cancellationToken);
                _done += tar.Length;
                _passedOver.AddRange(reader.PassedOver.Take(Math.Max(0, 1000 - _passedOver.Count)));
                shards.Add(await PutSidecarsAsync(tar, shard, cancellationToken));
                labelled = shard.Labelled;
            }
            return shards;
        }

        private async Task<IndexedShard> PutSidecarsAsync(StoredObject tar, ForeignShard shard, CancellationToken cancellationToken)
        {
            var index = new ShardIndex(tar.Key.Value, shard.Samples);
            var limit = ShardIndexText.MaxBytes(tar.Length);
            if (Encoding.UTF8.GetByteCount(ShardIndexText.FormatIndex(index)) > limit)
                throw new ShardCorruptException(
                    tar.Key.Value, $"has names so long that its index would have more than {limit} bytes", "Give its members shorter names.");
            var (indexSha256, sumSha256) = await ShardSidecars.PutAsync(store, index, written, cancellationToken);
            return new(
                new()
                {
                    Name = tar.Key.Value,
                    Bytes = tar.Length,
                    Sha256 = shard.Sha256,
                    Samples = index.Count,
                    ChangeFraction = 0,
                    IndexSha256 = indexSha256,
                    SumSha256 = sumSha256,
                },
                shard.Labelled ? shard.Labels : null,
                shard.Invalid);
        }

        /// <summary>A split, its masks being counted by the rule that was found.</summary>
        private SplitManifest Split(string name, IReadOnlyList<IndexedShard> shards, int rule, bool hasClasses)
        {
            var counts = new ClassCounts(_inspection.Candidates.Classes);
            var labelled = shards.Where(shard => shard.Labels is not null).ToList();
            foreach (var shard in labelled)
                counts.Add(shard.Labels![rule].Counts);
            return new()
            {
                Shards = [.. shards.Select(shard => shard.By(rule))],
                Samples = shards.Sum(shard => shard.Manifest.Samples),
                Bytes = shards.Sum(shard => shard.Manifest.Bytes),
                ChangeFraction = counts.ChangeFraction,
                ClassFractions = hasClasses ? counts.Fractions : null,
                IgnoredPixels = labelled.Count == 0 ? null : counts.Ignored,
                InvalidPixels = shards.Sum(shard => shard.Invalid),
                Unlabelled = labelled.Count == 0,
                Sizes = _inspection.SizesOf(name),
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
            foreach (var (split, content) in splits)
            {
                if (content.Unlabelled)
                    yield return $"the split '{split}' has no field '{options.Fields.Mask}', so nothing can be trained or scored on it";
                else if (content.ChangeFraction is 0 or >= ChangeQuestions.NearlyAll)
                    yield return content.ChangeFraction == 0
                        ? $"the split '{split}' has not one changed pixel; nothing could be learned from it, and scores on it mean nothing"
                        : $"in the split '{split}' {content.ChangeFraction.ToString("0.0 %", CultureInfo.InvariantCulture)} of the pixels have changed; " +
                            "look whether its masks are read the right way round (--mask-change)";
            }
        }

        /// <summary>A tar with its sidecars, before the rule for its masks is known.</summary>
        private sealed record IndexedShard(ShardManifest Manifest, IReadOnlyList<ShardLabels>? Labels, long Invalid)
        {
            public ShardManifest By(int rule) => Labels is null ? Manifest : Manifest with
            {
                ChangeFraction = Labels[rule].Counts.ChangeFraction,
                ChangedSamples = SampleBits.Of(Labels[rule].ChangedSamples).ToString(),
            };
        }
    }
}
