namespace ChangeDetection.Core.Configuration;

/// <summary>
/// The losses a config may name. A new one is a line of the list at the end; the constants are for those that code speaks of.
/// What builds one is marked with its name in the worker (<see cref="ImplementsAttribute"/>).
/// </summary>
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

    private static readonly KnownLoss[] s_known =
    [
        new(Bce, "binary cross-entropy", IsBinary: true),
        new(Dice, "one minus the Dice coefficient of change"),
        new(Focal, "weighted cross-entropy in which easy pixels count less", IsWeighted: true),
        new(Lovasz, "the Lovasz hinge of the intersection over union of change", IsBinary: true),
        new(Nll, "weighted negative log-likelihood", IsWeighted: true),
        new(Tversky, "one minus the Tversky index of change"),
    ];

    public static IReadOnlyList<string> All { get; } = [.. s_known.Select(loss => loss.Name)];

    /// <summary>What each is, in a sentence.</summary>
    internal static string Words => KnownName.Describe(s_known);

    /// <summary>Whether a loss of this name tells no more than two classes apart.</summary>
    public static bool AreBinary(string name) => s_known.Any(loss => loss.Name == name && loss.IsBinary);

    /// <summary>Whether a loss of this name has class weights.</summary>
    public static bool AreWeighted(string name) => s_known.Any(loss => loss.Name == name && loss.IsWeighted);

    private sealed record KnownLoss(string Name, string Words, bool IsBinary = false, bool IsWeighted = false) : KnownName(Name, Words);
}
