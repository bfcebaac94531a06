using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Worker.Checkpoints;

/// <summary>What a network takes from a file of weights.</summary>
/// <param name="Tensors">In the network's types and shapes.</param>
/// <param name="Kept">The network's other names, which keep what they have.</param>
/// <param name="Left">The file's names that nobody asked for.</param>
/// <param name="Notes">What was done to fit them, for people.</param>
internal sealed record MatchedWeights(
    IReadOnlyList<TensorData> Tensors, IReadOnlyList<string> Kept, IReadOnlyList<string> Left, IReadOnlyList<string> Notes)
{
    private const int GroupsShown = 12;

    /// <summary>How much was taken, and which parts were not: one sentence or three.</summary>
    public string Summary()
    {
        var taken = $"{Tensors.Count} of the network's {Tensors.Count + Kept.Count} tensors were taken from the file.";
        var kept = Kept.Count > 0 ? $" {Kept.Count} stay as the seed draws them: {Parts(Kept)}." : "";
        var left = Left.Count > 0 ? $" {Left.Count} of the file were left out: {Parts(Left)}." : "";
        return taken + kept + left;
    }

    /// <summary>The first two parts of the names, each with how many there are.</summary>
    private static string Parts(IReadOnlyList<string> names)
    {
        var groups = names.GroupBy(name => string.Join('.', name.Split('.').Take(2)), StringComparer.Ordinal).ToList();
        var shown = groups.Take(GroupsShown).Select(group => $"{QuotedName.Plain(group.Key)} ({group.Count()})");
        return string.Join(", ", shown) + (groups.Count > GroupsShown ? $" and {groups.Count - GroupsShown} other parts" : "");
    }
}
