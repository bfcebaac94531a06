using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Indexing;

/// <summary>The tars of a data set without a manifest, each in its split.</summary>
/// <param name="Splits">By name, the tars of each in the order of their names.</param>
/// <param name="Unmatched">Tars that no rule names.</param>
internal sealed record ExternalShards(SortedDictionary<string, List<StoredObject>> Splits, IReadOnlyList<string> Unmatched)
{
    private const int Shown = 5;

    /// <summary>Lists the tars beside a future <c>dataset.json</c>; those in folders below belong to other data sets.</summary>
    /// <exception cref="PackRequestException">There is no tar, a rule matches none, two match one, or sidecars or a manifest are already there.</exception>
    public static async Task<ExternalShards> FindAsync(IObjectStore store, IReadOnlyList<ShardSplitRule> rules, CancellationToken cancellationToken)
    {
        var (files, folders) = (new List<StoredObject>(), new SortedSet<string>(StringComparer.Ordinal));
        await foreach (var stored in store.ListAsync("", cancellationToken))
        {
            if (stored.Key.Value.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash)
                folders.Add(stored.Key.Value[..slash]);
            else
                files.Add(stored);
        }
        RefuseOccupied(store, files);
        var tars = files.Where(file => IsTar(file.Key.Value)).ToList();
        if (tars.Count == 0)
            throw new PackRequestException(
                $"{store.Root} holds no file named NAME{ShardNames.Tar}" +
                (folders.Count > 0
                    ? $"; it has the folders {Names(folders)}. Give the address of the one that holds the tars."
                    : ". Unpack compressed tars first, and give them names of letters, digits, '-', '_' and '.'."));
        return rules.Count == 0 ? ByPrefix(tars) : ByRules(store, tars, rules);
    }

    private static bool IsTar(string name) => name.EndsWith(ShardNames.Tar, StringComparison.Ordinal) && name.Length > ShardNames.Tar.Length;

    private static void RefuseOccupied(IObjectStore store, List<StoredObject> files)
    {
        var names = files.Select(file => file.Key.Value).ToHashSet(StringComparer.Ordinal);
        if (names.Contains(DatasetManifest.FileName))
            throw new PackRequestException(
                $"{store.Root} already has a {DatasetManifest.FileName}. Delete it and the {ShardNames.Index("*.tar")} and " +
                $"{ShardNames.Sums("*.tar")} files to index the tars anew.");
        if (names.Where(IsTar).SelectMany(tar => new[] { ShardNames.Index(tar), ShardNames.Sums(tar) }).FirstOrDefault(names.Contains) is { } left)
            throw new PackRequestException(
                $"{store.Root} holds {left} but no {DatasetManifest.FileName}: another program's index, or what an indexing that was killed left. " +
                "Delete it.");
    }

    private static ExternalShards ByPrefix(List<StoredObject> tars)
    {
        var splits = new SortedDictionary<string, List<StoredObject>>(StringComparer.Ordinal);
        foreach (var tar in tars)
            Add(splits, Prefix(tar.Key.Value), tar);
        return new(splits, []);
    }

    /// <summary><c>train-000000.tar</c> and <c>train_3.tar</c> are of <c>train</c>; a name that is nothing but a number is of <c>train</c> too.</summary>
    private static string Prefix(string name)
    {
        var prefix = name[..^ShardNames.Tar.Length].TrimEnd("0123456789".ToCharArray()).TrimEnd('-', '_', '.');
        return prefix.Length == 0 ? "train" : prefix;
    }

    private static ExternalShards ByRules(IObjectStore store, List<StoredObject> tars, IReadOnlyList<ShardSplitRule> rules)
    {
        var idle = rules.Where(rule => !tars.Any(tar => rule.Matches(tar.Key.Value)))
            .Select(rule => $"--split {rule.Split}={rule.Pattern} matches none of the tars in {store.Root} " +
                $"({Names(tars.Select(tar => tar.Key.Value))}). Correct the pattern.").ToList();
        if (idle.Count > 0)
            throw new PackRequestException(string.Join('\n', idle));
        var (splits, unmatched) = (new SortedDictionary<string, List<StoredObject>>(StringComparer.Ordinal), new List<string>());
        foreach (var tar in tars)
        {
            var names = rules.Where(rule => rule.Matches(tar.Key.Value)).Select(rule => rule.Split).Distinct(StringComparer.Ordinal).ToList();
            if (names.Count > 1)
                throw new PackRequestException($"{tar.Key} would be in the splits {string.Join(" and ", names)}. Correct --split so that each tar is in one.");
            if (names.Count == 1)
                Add(splits, names[0], tar);
            else
                unmatched.Add(tar.Key.Value);
        }
        return new(splits, unmatched);
    }

    private static void Add(SortedDictionary<string, List<StoredObject>> splits, string split, StoredObject tar)
    {
        if (!splits.TryGetValue(split, out var tars))
            splits[split] = tars = [];
        tars.Add(tar);
    }

    internal static string Names(IEnumerable<string> names)
    {
        var first = names.Take(Shown + 1).ToList();
        return string.Join(", ", first.Take(Shown)) + (first.Count > Shown ? ", …" : "");
    }
}
