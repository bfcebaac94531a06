namespace ChangeDetection.Configuration;

/// <summary>The optimizers a config may name.</summary>
public static class OptimizerNames
{
    public const string Adam = "adam";

    public static IReadOnlyList<string> All { get; } = [Adam];
}
