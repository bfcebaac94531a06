using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration.Schema;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Checkpoints;

/// <summary>A tensor's name and shape.</summary>
internal sealed record TensorName(string Name, IReadOnlyList<long> Shape)
{
    public override string ToString() => $"{QuotedName.Plain(Name)} [{string.Join(", ", Shape)}]";
}

/// <summary>All that keeps a file's tensors from being a network's, as one error of few lines.</summary>
/// <param name="Missing">Of the network, and not in the file.</param>
/// <param name="Unexpected">In the file, and not of the network.</param>
/// <param name="Misshaped">Sentences.</param>
/// <param name="NotFinite">Sentences.</param>
internal sealed record WeightsDifferences(
    IReadOnlyList<TensorName> Missing, IReadOnlyList<TensorName> Unexpected, IReadOnlyList<string> Misshaped, IReadOnlyList<string> NotFinite)
{
    private const int MostLines = 18;
    /// <summary>Among so many of one shape the nearest is looked for; networks have hundreds.</summary>
    private const int MostCandidates = 2000;

    /// <summary>Of the file: what a missing one may be called there.</summary>
    public IReadOnlyList<TensorName> Candidates { get; init; } = [];

    /// <param name="wanted">How many of the network's were asked for.</param>
    /// <param name="only">The parts that were asked for; empty for the whole network.</param>
    /// <exception cref="CheckpointInvalidException">There is a difference.</exception>
    public void Require(string subject, ChangeNetwork network, int wanted, IReadOnlyList<string> only)
    {
        (string What, IReadOnlyList<string> Lines)[] parts =
        [
            ("of another shape", [.. Misshaped.Select(line => $"of another shape: {line}")]),
            ("not finite", [.. NotFinite.Select(line => $"not finite: {line}")]),
            ("missing", [.. Missing.Select(MissingLine).Take(MostLines), .. Enumerable.Repeat("", Math.Max(0, Missing.Count - MostLines))]),
            ("unexpected", [.. Unexpected.Select(tensor => $"unexpected: {tensor}")]),
        ];
        var faults = parts.Where(part => part.Lines.Count > 0).ToList();
        if (faults.Count == 0)
            return;
        var part = only.Count > 0 ? $" below {string.Join(", ", only)}" : "";
        var counts = string.Join(", ", faults.Select(fault => $"{fault.Lines.Count} {fault.What}"));
        var owner = $"{network.GetName()} with {network.Channels} channels per date{part}";
        var head = $"its weights are not those of {owner}. Of {wanted} tensors: {counts}.";
        throw new CheckpointInvalidException(subject, string.Join('\n', [head, .. Shown(faults), Remedy]));
    }

    private const string Remedy =
        "Where names alone differ, rules bring them together: --rename OLD=NEW, in a config model.init: { from, rename }. Else name the network, its " +
        "channels and its options as they were when the weights were trained.";

    /// <summary>Every kind of fault has its share of the lines, and what one leaves the next may use.</summary>
    private static IEnumerable<string> Shown(List<(string What, IReadOnlyList<string> Lines)> faults)
    {
        var room = MostLines;
        for (var kind = 0; kind < faults.Count; kind++)
        {
            var (what, lines) = faults[kind];
            var share = Math.Min(lines.Count, Math.Max(room / (faults.Count - kind), room - faults.Skip(kind + 1).Sum(fault => fault.Lines.Count)));
            room -= share;
            foreach (var line in lines.Take(share))
                yield return line;
            if (share < lines.Count)
                yield return $"and {lines.Count - share} more {what}";
        }
    }

    /// <summary>With the name of the same shape that ends alike for longest: namings differ in how a layer is reached, seldom in what it is called.</summary>
    private string MissingLine(TensorName tensor)
    {
        var near = Candidates.Where(candidate => candidate.Shape.SequenceEqual(tensor.Shape)).Take(MostCandidates)
            .Select(candidate => QuotedName.Plain(candidate.Name))
            .OrderByDescending(name => CommonEnd(name, tensor.Name)).ThenBy(name => NearestName.Distance(name, tensor.Name)).FirstOrDefault();
        return $"missing: {tensor}{(near is null ? "" : $" (the file's nearest: {near})")}";
    }

    private static int CommonEnd(string one, string other)
    {
        var length = 0;
        while (length < Math.Min(one.Length, other.Length) && one[^(length + 1)] == other[^(length + 1)])
            length++;
        return length;
    }
}
