using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Worker.Training.Losses;

/// <summary>A loss as a config describes it; each says how it is built, marked with its name (<see cref="ImplementsAttribute"/>).</summary>
/// <param name="config">Its figures; of terms that are added to a loss as well.</param>
/// <param name="weights">Of the classes, for losses that have some.</param>
public delegate LossTerm LossFactory(LossConfig config, ClassWeights weights);

/// <summary>The losses that a config can name (<see cref="LossNames"/>), built.</summary>
public static class LossCatalogue
{
    internal static Implementations<LossFactory> Factories { get; } = new();

    /// <summary>The configured loss of two classes.</summary>
    /// <param name="changeFraction">Of the training split, for class weights that follow from it.</param>
    public static LossTerm Create(LossConfig config, double changeFraction) => Create(config, [1 - changeFraction, changeFraction]);

    /// <summary>The configured loss, alone or with the terms that are added to it.</summary>
    /// <param name="fractions">Each class's share of the training split's pixels, no change first, for class weights that follow from them.</param>
    public static LossTerm Create(LossConfig config, IReadOnlyList<double> fractions)
    {
        var weights = Weights(config.ClassWeights, fractions);
        var first = Factories[config.Name](config, weights);
        return config.Plus.Count == 0
            ? first
            : new WeightedSum([(1, first), .. config.Plus.Select(term => (term.Weight, Factories[term.Name](config, weights)))]);
    }

    /// <summary>A share below this is none: no data set has so many pixels.</summary>
    private const double LeastShare = 1e-30;

    /// <summary>
    /// The weights of the classes that a weighting comes to, given their shares of the labelled pixels. Weights that follow from shares are finite, and not
    /// all of them 0 for the classes that occur: where one of two classes is all that there is, nothing is to be balanced, and both weigh alike.
    /// </summary>
    public static ClassWeights Weights(ClassWeighting weighting, IReadOnlyList<double> fractions) => weighting switch
    {
        GivenClassWeights { Weights: var given } => given,
        DaudtClassWeights when fractions.Count == 2 && !OccursBeside(fractions[1]) => new ClassWeights(1, 1),
        // As in the notebook that Daudt, Le Saux and Boulch published with their paper of 2018.
        DaudtClassWeights => new ClassWeights(10 * 2 * fractions[1], 2 * (1 - fractions[1])),
        _ when fractions.Count == 2 && !OccursBeside(fractions[1]) => new ClassWeights(0.5, 0.5),
        _ when fractions.Count == 2 => new ClassWeights(fractions[1], 1 - fractions[1]),
        _ => Inverse(fractions),
    };

    /// <summary>
    /// The inverses of the shares, scaled to add up to 1: all classes weigh alike over the split. Of two classes they are [p, 1 − p]. A class that does not
    /// occur weighs nothing; where none does, all weigh alike.
    /// </summary>
    private static ClassWeights Inverse(IReadOnlyList<double> fractions)
    {
        var inverses = fractions.Select(fraction => fraction > LeastShare ? 1 / fraction : 0).ToList();
        if (inverses.Sum() == 0)
            return new([.. fractions.Select(_ => 1.0 / fractions.Count)]);
        return new([.. inverses.Select(inverse => inverse / inverses.Sum())]);
    }

    /// <summary>Whether a share is that of one class of two that both occur.</summary>
    private static bool OccursBeside(double fraction) => fraction > LeastShare && fraction < 1;
}
