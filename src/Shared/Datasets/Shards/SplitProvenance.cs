using System.Globalization;
using System.Text.Json.Serialization;

namespace ChangeDetection.Datasets.Shards;

/// <summary>How pairs were divided among splits by the hash of their names: what is needed to divide more of them in the same way.</summary>
/// <param name="Seed">Of <c>--split-seed</c>.</param>
/// <param name="Percent">Of each split the share that was asked for, above 0 to 100; of a test split beside folds, the share that was taken out first.</param>
public sealed record SplitProvenance(long Seed, IReadOnlyDictionary<string, double> Percent)
{
    public const int FewestFolds = 2;

    public const int MostFolds = 100;

    /// <summary>Of <c>--folds</c>; null without.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Folds { get; init; }

    /// <summary>Of <c>--group</c>; null where each pair went by itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Group { get; init; }

    /// <summary>For people, such as <c>test 20 %, 5 folds of the rest, by groups {place}_*, seed 0</c>.</summary>
    public override string ToString()
    {
        var shares = Percent.OrderBy(share => share.Key, StringComparer.Ordinal)
            .Select(share => string.Create(CultureInfo.InvariantCulture, $"{share.Key} {share.Value:0.####} %")).ToList();
        if (Folds is { } folds)
            shares.Add(string.Create(CultureInfo.InvariantCulture, $"{folds} folds"));
        if (Group is { } group)
            shares.Add($"by groups {group}");
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", shares)}, seed {Seed}");
    }

    internal static IEnumerable<string> Violations(DatasetManifest manifest)
    {
        if (manifest.Provenance.Splits is not { } splits)
            yield break;
        if (splits.Percent.Values.Any(percent => percent is not (> 0 and <= 100)))
            yield return "a share of the splits is not above 0 to 100 %";
        if (splits.Folds is < FewestFolds or > MostFolds)
            yield return string.Create(CultureInfo.InvariantCulture, $"the splits have {splits.Folds} folds, not {FewestFolds} to {MostFolds}");
    }
}
