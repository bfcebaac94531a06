namespace ChangeDetection.Configuration;

/// <summary>Weights of a loss's classes.</summary>
public sealed record ClassWeights(double NoChange, double Change);

/// <summary>Where a loss's class weights come from.</summary>
public abstract record ClassWeighting
{
    /// <summary>[p, 1 − p], p the change fraction of the training split.</summary>
    public static ClassWeighting Auto { get; } = new AutoClassWeights();

    /// <summary>[20 p, 2 (1 − p)], as the authors of FC-Siam-diff trained in 2018.</summary>
    public static ClassWeighting Daudt2018 { get; } = new DaudtClassWeights();

    public static ClassWeighting Given(double noChange, double change) => new GivenClassWeights(new ClassWeights(noChange, change));
}

public sealed record AutoClassWeights : ClassWeighting;

public sealed record DaudtClassWeights : ClassWeighting;

public sealed record GivenClassWeights(ClassWeights Weights) : ClassWeighting;
