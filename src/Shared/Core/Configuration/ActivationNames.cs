namespace ChangeDetection.Core.Configuration;

/// <summary>What stands behind a hidden layer where a network leaves the choice.</summary>
public static class ActivationNames
{
    public const string None = "none";
    public const string Relu = "relu";

    public static IReadOnlyList<string> All { get; } = [None, Relu];
}
