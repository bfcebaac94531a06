using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Datasets.Shards;

/// <summary>What must hold of a manifest before a name in it opens a file or a number in it sizes a buffer.</summary>
internal static class DatasetManifestRules
{
    public const int MaxNameLength = 80;
    public const int MaxChannels = 1024;
    /// <summary>A tar that holds a sample has a header, its data and two empty blocks.</summary>
    private const int MinShardBytes = 4 * ShardIndexText.TarBlock;
    private const long MaxShardBytes = 1L << 40;
    private const int Sha256Digits = 64;

    public static IEnumerable<string> Violations(DatasetManifest manifest)
    {
        if (manifest.Version is < DatasetManifest.FirstVersion or > DatasetManifest.NewestVersion)
            yield return
                $"version {manifest.Version} is not known to this program, which reads the versions {DatasetManifest.FirstVersion} to " +
                $"{DatasetManifest.NewestVersion}";
        if (NameViolation(manifest.Name) is { } rule)
            yield return $"the name '{manifest.Name}' {rule}";
        if (manifest.Channels is < 1 or > MaxChannels)
            yield return $"channels is {manifest.Channels}, not 1 to {MaxChannels}";
        if (manifest.Splits.Count == 0)
            yield return "there is no split";
        // The serializer keeps null out of properties, but not out of lists and dictionaries.
        if (manifest.Splits.Values.Any(split => split is null || split.Shards.Any(shard => shard is null)))
        {
            yield return "a split or a shard is null";
            yield break;
        }
        if (manifest.Fields?.Violation() is { } wrong)
            yield return wrong.TrimEnd('.');
        if (manifest.Bands is { } bands && (bands.Count != manifest.Channels || bands.Any(band => band is not { Length: >= 1 and <= MaxNameLength })))
            yield return $"bands has not one name of at most {MaxNameLength} characters for each of the {manifest.Channels} channels";
        if (manifest.MaskChange is { } change && (MaskRule.TryParse(change) is null || manifest.Classes is not null))
            yield return $"mask_change is '{change}', which is not {MaskRule.Form}, or stands beside classes";
        foreach (var violation in OfMeaning(manifest))
            yield return violation;
        foreach (var violation in OfStatistics(manifest).Concat(OfNames(manifest)).Concat(ClassManifest.Violations(manifest))
            .Concat(SplitProvenance.Violations(manifest)))
            yield return violation;
        foreach (var violation in manifest.Splits.SelectMany(split => OfSplit(split.Key, split.Value)))
            yield return violation;
    }

    /// <summary>The rule that a data set's or a split's name breaks, as the end of a sentence; null when none.</summary>
    public static string? NameViolation(string name) =>
        name.Length > MaxNameLength ? $"is longer than {MaxNameLength} characters" : ObjectKeyRules.SegmentViolation(name);

    /// <summary>What format 2 says of masks and values.</summary>
    private static IEnumerable<string> OfMeaning(DatasetManifest manifest)
    {
        if (manifest.Version == DatasetManifest.FirstVersion && (manifest.Mask is not null || manifest.PixelType is not null || manifest.Ranges is not null))
            yield return $"version {DatasetManifest.FirstVersion} knows no mask, pixel_type or ranges";
        if (manifest.PixelType is { } type && PixelTypes.Parse(type) is null)
            yield return $"pixel_type is '{type}'";
        if (manifest.Ranges is { } ranges && (ranges.Count != manifest.Channels || ranges.Any(IsNoRange)))
            yield return $"ranges has not one range of finite, ascending numbers for each of the {manifest.Channels} channels";
        if (manifest.Mask is not { } mask)
            yield break;
        if (mask.Unit is not ("number" or "colour" or "index"))
            yield return $"the mask's unit is '{mask.Unit}'";
        if (mask.Band is < 1 or > MaxChannels)
            yield return string.Create(CultureInfo.InvariantCulture, $"the mask's band is {mask.Band}");
        if (mask.Change is null != manifest.Classes is not null)
            yield return "the mask has not either the values of change or classes";
        if (mask.Values.Any(value => value is not { Value: not null, Pixels: >= 0 }))
            yield return "the mask's values are not each a value and how many pixels have it";
        foreach (var rule in (string?[])[mask.Change, mask.Ignore])
        {
            if (rule is not null && MaskRule.TryParse(rule) is null)
                yield return $"the mask's rule '{rule}' is not {MaskRule.Form}";
        }
    }

    private static bool IsNoRange(BandRange? range) => range is null || !double.IsFinite(range.Minimum) || !double.IsFinite(range.Maximum)
        || !(range.Minimum <= range.Low && range.Low <= range.High && range.High <= range.Maximum);

    private static IEnumerable<string> OfStatistics(DatasetManifest manifest)
    {
        var (mean, deviation) = manifest.Statistics;
        if (mean.Count != manifest.Channels || deviation.Count != manifest.Channels)
            yield return $"statistics has {mean.Count} means and {deviation.Count} deviations for {manifest.Channels} channels";
        if (!mean.All(double.IsFinite) || !deviation.All(double.IsFinite) || deviation.Any(value => value <= 0))
            yield return "statistics has a number that is not finite, or a deviation that is not above 0";
    }

    private static IEnumerable<string> OfNames(DatasetManifest manifest) =>
        manifest.Splits.Values.SelectMany(split => split.Shards)
            // File systems that fold case would take two such names for one file.
            .CountBy(shard => shard.Name, StringComparer.OrdinalIgnoreCase)
            .Where(name => name.Value > 1)
            .Select(name => $"the shard '{name.Key}' stands there {name.Value} times");

    private static IEnumerable<string> OfSplit(string name, SplitManifest split)
    {
        if (NameViolation(name) is { } rule)
            yield return $"the split '{name}' {rule}";
        if (split.Shards.Count == 0)
            yield return $"the split '{name}' has no shard";
        foreach (var violation in split.Shards.SelectMany(OfShard))
            yield return violation;
        if (split.Shards.Zip(split.Shards.Skip(1)).Any(pair => string.CompareOrdinal(pair.First.Name, pair.Second.Name) >= 0))
            yield return $"the shards of split '{name}' are not in the order of their names";
        if (split.Shards.Sum(shard => (decimal)shard.Samples) is var samples && samples != split.Samples)
            yield return string.Create(CultureInfo.InvariantCulture, $"the split '{name}' has {split.Samples} samples, but its shards have {samples}");
        if (split.Shards.Sum(shard => (decimal)shard.Bytes) is var bytes && bytes != split.Bytes)
            yield return string.Create(CultureInfo.InvariantCulture, $"the split '{name}' has {split.Bytes} bytes, but its shards have {bytes}");
        if (split.ChangeFraction is not (>= 0 and <= 1))
            yield return $"the split '{name}' has a change fraction outside 0 to 1";
        if (split.Sizes is { } sizes && (sizes.MinWidth < 1 || sizes.MinHeight < 1 || sizes.MaxWidth < sizes.MinWidth || sizes.MaxHeight < sizes.MinHeight))
            yield return $"the split '{name}' has sizes that are no bounds of images' sides";
    }

    private static IEnumerable<string> OfShard(ShardManifest shard)
    {
        if (ObjectKeyRules.SegmentViolation(shard.Name) is { } rule)
            yield return $"the shard '{shard.Name}' {rule}";
        else if (!shard.Name.EndsWith(ShardNames.Tar, StringComparison.Ordinal) || shard.Name.Length == ShardNames.Tar.Length)
            yield return $"the shard '{shard.Name}' is not named NAME{ShardNames.Tar}";
        if (shard.Bytes is < MinShardBytes or > MaxShardBytes)
            yield return string.Create(
                CultureInfo.InvariantCulture, $"the shard '{shard.Name}' has {shard.Bytes} bytes, not {MinShardBytes} to {MaxShardBytes}");
        if (shard.Samples < 1 || shard.Samples > shard.Bytes / ShardIndexText.TarBlock)
            yield return $"the shard '{shard.Name}' cannot hold {shard.Samples} samples";
        if (shard.ChangeFraction is not (>= 0 and <= 1))
            yield return $"the shard '{shard.Name}' has a change fraction outside 0 to 1";
        if (shard.ChangedSamples is { } changed && SampleBits.Parse(changed, Math.Max(shard.Samples, 0)) is null)
            yield return $"the shard '{shard.Name}' has changed_samples that are not one bit for each of its {shard.Samples} samples";
        if (!IsSha256(shard.Sha256) || !IsSha256(shard.IndexSha256) || !IsSha256(shard.SumSha256))
            yield return $"the shard '{shard.Name}' has a hash that is not {Sha256Digits} lower-case hexadecimal digits";
    }

    private static bool IsSha256(string text) => text.Length == Sha256Digits && text.All(char.IsAsciiHexDigitLower);
}
