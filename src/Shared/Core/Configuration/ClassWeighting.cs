namespace ChangeDetection.Core.Configuration;

/// <summary>Weights of a loss's classes, no change first.</summary>
public sealed record ClassWeights(ValueList<double> Values)
{
    public ClassWeights(double noChange, double change) : this([noChange, change])
    {
    }
}

/// <summary>Where a loss's class weights come from.</summary>
public abstract record ClassWeighting
{
    /// <summary>Each class by the inverse of its share of the training split's pixels: of two, [p, 1 − p], p the change fraction.</summary>
    public static ClassWeighting Auto { get; } = new AutoClassWeights();

    /// <summary>[20 p, 2 (1 − p)], as the authors of FC-Siam-diff trained in 2018.</summary>
    public static ClassWeighting Daudt2018 { get; } = new DaudtClassWeights();

    public static ClassWeighting Given(double noChange, double change) => Given([noChange, change]);

    /// <param name="weights">One for each class, no change first.</param>
    public static ClassWeighting Given(ValueList<double> weights) => new GivenClassWeights(new ClassWeights(weights));
}

public sealed record AutoClassWeights : ClassWeighting;

public sealed record DaudtClassWeights : ClassWeighting;

public sealed record GivenClassWeights(ClassWeights Weights) : ClassWeighting;
