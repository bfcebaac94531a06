using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Verification;

/// <summary>Something wrong with a data set.</summary>
/// <param name="File">The file, as its name beside <c>dataset.json</c>.</param>
/// <param name="Problem">What is wrong, as the end of a sentence that begins with the file.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record DatasetDamage(string File, string Problem, string Remedy)
{
    public override string ToString() => $"{File} {Problem}. {Remedy}";

    internal static DatasetDamage Of(ShardCorruptException error) => new(error.File, error.Problem, error.Remedy);
}

/// <summary>What a verification has read, and what it found.</summary>
/// <param name="Damages">The first damages; empty for a sound data set.</param>
/// <param name="DamageCount">All damages, counted.</param>
public sealed record DatasetVerification(int Shards, long Samples, long Bytes, IReadOnlyList<DatasetDamage> Damages, int DamageCount)
{
    public bool IsSound => DamageCount == 0;
}

/// <summary>How far a verification is, in bytes of shards.</summary>
public readonly record struct VerifyProgress(string Shard, long Done, long Total);
