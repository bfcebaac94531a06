using ChangeDetection.Configuration;

namespace ChangeDetection.Worker.Training.Losses;

/// <summary>The losses that a config can name. A new one is a class in this folder and a line here.</summary>
public static class LossCatalogue
{
    private static readonly SortedDictionary<string, Func<LossConfig, ClassWeights, LossTerm>> s_losses = new(StringComparer.Ordinal)
    {
        [LossNames.Bce] = (_, _) => new CrossEntropy(new ClassWeights(1, 1)),
        [LossNames.Dice] = (_, _) => new Tversky(0.5, 0.5),
        [LossNames.Focal] = (config, weights) => new CrossEntropy(weights, config.Gamma),
        [LossNames.Lovasz] = (_, _) => new LovaszHinge(),
        [LossNames.Nll] = (_, weights) => new CrossEntropy(weights),
        [LossNames.Tversky] = (config, _) => new Tversky(config.Alpha, config.Beta),
    };

    /// <summary>The configured loss, alone or with the terms that are added to it.</summary>
    /// <param name="changeFraction">Of the training split, for class weights that follow from it.</param>
    public static LossTerm Create(LossConfig config, double changeFraction)
    {
        var weights = Weights(config.ClassWeights, changeFraction);
        var first = s_losses[config.Name](config, weights);
        return config.Plus.Count == 0
            ? first
            : new WeightedSum([(1, first), .. config.Plus.Select(term => (term.Weight, s_losses[term.Name](config, weights)))]);
    }

    /// <summary>The weights of (no change, change) that a weighting comes to, p being the change fraction.</summary>
    public static ClassWeights Weights(ClassWeighting weighting, double changeFraction) => weighting switch
    {
        GivenClassWeights { Weights: var given } => given,
        // As in the notebook that Daudt, Le Saux and Boulch published with their paper of 2018.
        DaudtClassWeights => new ClassWeights(10 * 2 * changeFraction, 2 * (1 - changeFraction)),
        _ => new ClassWeights(changeFraction, 1 - changeFraction),
    };
}
