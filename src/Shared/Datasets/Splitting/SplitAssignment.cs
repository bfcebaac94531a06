namespace ChangeDetection.Datasets.Splitting;

/// <summary>What a split got, beside what was asked for it.</summary>
/// <param name="Asked">Its share of the pairs that were divided, 0 to 1.</param>
/// <param name="Share">What it has of them.</param>
/// <param name="Groups">Null where each pair went by itself.</param>
public sealed record SplitCount(string Split, double Asked, double Share, int Pairs, int? Groups);

/// <summary>Pairs divided among splits.</summary>
/// <param name="Splits">The split of each pair, by its path.</param>
internal sealed record SplitAssignment(IReadOnlyDictionary<string, string> Splits, IReadOnlyList<SplitCount> Counts);
