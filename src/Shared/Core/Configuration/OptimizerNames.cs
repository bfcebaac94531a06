namespace ChangeDetection.Core.Configuration;

/// <summary>
/// The optimizers a config may name. A new one is a line of the list at the end; the constants are for those that code speaks of.
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

    private static readonly KnownName[] s_known =
    [
        new(Adam, "weight decay is an L2 term of the gradient"),
        new(AdamW, "decoupled weight decay"),
        new(Sgd, "with momentum"),
    ];

    public static IReadOnlyList<string> All { get; } = [.. s_known.Select(known => known.Name)];

    /// <summary>What each is, in a sentence.</summary>
    internal static string Words => KnownName.Describe(s_known);
}
