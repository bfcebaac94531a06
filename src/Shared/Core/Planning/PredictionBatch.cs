using System.Text.Json.Serialization;

namespace ChangeDetection.Core.Planning;

/// <summary>Many pairs that one predict run makes maps of, one after the other: a split of a data set, or pairs of files.</summary>
public sealed record PredictionBatch
{
    /// <summary>What the row of one run may hold. More pairs are packed, so that the row names their data set alone.</summary>
    public const int MostPairs = 10_000;

    /// <summary>What messages and pages call it.</summary>
    public required string Name { get; init; }

    /// <summary>The split; null for pairs of files.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DatasetSplitInput? Dataset { get; init; }

    /// <summary>The files; null for a data set.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PairInput>? Pairs { get; init; }

    /// <summary>Whether a picture of each pair is wanted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Overlay { get; init; }

    /// <summary>How many pairs there are.</summary>
    [JsonIgnore]
    public int Count => Dataset?.Samples ?? Pairs!.Count;

    internal string? Problem()
    {
        if ((Dataset is null) == (Pairs is null))
            return "a batch is either of a data set or of pairs of files";
        if (Dataset is { } dataset)
            return !dataset.Uri.IsAbsoluteUri ? $"'{dataset.Uri}' is not an absolute address" : dataset.Samples < 1 ? "the split has no sample" : null;
        if (Pairs!.Count is < 1 or > MostPairs)
            return $"a batch has {Pairs.Count} pairs; it has 1 to {MostPairs}";
        var names = new HashSet<string>(StringComparer.Ordinal);
        return Pairs.Select(pair => pair is null ? "a pair is null"
            : BatchFiles.NameProblem(pair.Name) is { } wrong ? $"the pair '{pair.Name}' {wrong}"
            : !names.Add(pair.Name) ? $"two pairs are called '{pair.Name}'"
            : pair.Before.Problem() ?? pair.After.Problem()).FirstOrDefault(problem => problem is not null);
    }
}

/// <summary>A split of a packed or indexed data set.</summary>
public sealed record DatasetSplitInput
{
    public required Uri Uri { get; init; }
    /// <summary>SHA-256 of its <c>dataset.json</c>, which names it down to the last bit, in lower-case hexadecimal.</summary>
    public required string ManifestSha256 { get; init; }
    public required string Split { get; init; }
    /// <summary>How many the split has.</summary>
    public required int Samples { get; init; }
}

/// <summary>Two images of one place.</summary>
public sealed record PairInput
{
    /// <summary>Its path below the source, without an ending: what its files are called.</summary>
    public required string Name { get; init; }
    public required SceneInput Before { get; init; }
    public required SceneInput After { get; init; }
}
