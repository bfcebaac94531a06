namespace ChangeDetection.Core.Configuration;

/// <summary>
/// The optimizers a config may name. A new one is a line of <see cref="All"/>; the constants are for those that code speaks of.
/// What builds one is marked with its name in the worker (<see cref="ImplementsAttribute"/>).
/// </summary>
public static class OptimizerNames
{
    /// <summary>Adam; weight decay is an L2 term of the gradient.</summary>
    public const string Adam = "adam";
    /// <summary>Adam with decoupled weight decay.</summary>
    public const string AdamW = "adamw";
    /// <summary>Stochastic gradient descent with momentum.</summary>
    public const string Sgd = "sgd";

    public static IReadOnlyList<string> All { get; } =
    [
        Adam,
        AdamW,
        Sgd,
    ];
}
