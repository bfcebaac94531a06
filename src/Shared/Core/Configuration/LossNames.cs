namespace ChangeDetection.Core.Configuration;

/// <summary>The losses a config may name.</summary>
public static class LossNames
{
    /// <summary>Binary cross-entropy of the change logit, both classes alike.</summary>
    public const string Bce = "bce";
    /// <summary>One minus the Dice coefficient of the change class.</summary>
    public const string Dice = "dice";
    /// <summary>Weighted cross-entropy in which pixels that are easy count less.</summary>
    public const string Focal = "focal";
    /// <summary>The Lovász hinge: a surrogate of one minus the intersection over union of the change class.</summary>
    public const string Lovasz = "lovasz";
    /// <summary>Weighted negative log-likelihood.</summary>
    public const string Nll = "nll";
    /// <summary>One minus the Tversky index of the change class.</summary>
    public const string Tversky = "tversky";

    public static IReadOnlyList<string> All { get; } = [Bce, Dice, Focal, Lovasz, Nll, Tversky];

    /// <summary>Whether a loss of this name tells no more than two classes apart.</summary>
    public static bool AreBinary(string name) => name is Bce or Lovasz;

    /// <summary>Whether a loss of this name has class weights.</summary>
    public static bool AreWeighted(string name) => name is Nll or Focal;
}
