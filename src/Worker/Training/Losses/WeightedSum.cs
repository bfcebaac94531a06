using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Losses;

/// <summary>A sum of losses, each with its weight.</summary>
public sealed class WeightedSum(IReadOnlyList<(double Weight, LossTerm Loss)> terms) : LossTerm
{
    private long[]? _lengths;

    protected override Tensor SumsOf(Tensor logProbability, Tensor labels, Tensor? labelled, ScalarType precision)
    {
        var sums = terms.Select(term => term.Loss.Sums(logProbability, labels, precision, labelled)).ToArray();
        _lengths ??= [.. sums.Select(one => one.shape[0])];
        return cat(sums);
    }

    public override Tensor Of(Tensor sums) =>
        sums.split(_lengths ?? throw new InvalidOperationException("No batch was summed yet."))
            .Zip(terms, (part, term) => term.Weight * term.Loss.Of(part)).Aggregate((one, other) => one + other);
}
