namespace ChangeDetection.Configuration;

/// <summary>
/// The networks a config may name. Shared knows no TorchSharp, so the list stands here, and the worker's catalogue builds each one.
/// </summary>
public static class ModelNames
{
    /// <summary>FC-Siam-diff of Daudt et al. 2018: two encoders with shared weights, joined by the difference of their features.</summary>
    public const string FcSiamDiff = "fc-siam-diff";

    public static IReadOnlyList<string> All { get; } = [FcSiamDiff];
}
