namespace ChangeDetection.Configuration;

/// <summary>The losses a config may name.</summary>
public static class LossNames
{
    /// <summary>Weighted negative log-likelihood.</summary>
    public const string Nll = "nll";

    public static IReadOnlyList<string> All { get; } = [Nll];
}
