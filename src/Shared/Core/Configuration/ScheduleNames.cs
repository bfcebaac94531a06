namespace ChangeDetection.Core.Configuration;

/// <summary>
/// The learning-rate schedules a config may name. A new one is a line of the list at the end; the constants are for those that code speaks of.
/// What computes one is marked with its name in the worker (<see cref="ImplementsAttribute"/>).
/// </summary>
public static class ScheduleNames
{
    public const string Constant = "constant";
    /// <summary>From lr to floor · lr along half a cosine.</summary>
    public const string Cosine = "cosine";
    /// <summary>lr · gamma^epoch.</summary>
    public const string Exponential = "exponential";
    /// <summary>Up to lr and far down again, along two half cosines.</summary>
    public const string OneCycle = "one-cycle";
    /// <summary>From lr to floor · lr along (1 − t)^power.</summary>
    public const string Polynomial = "polynomial";
    /// <summary>lr · gamma every so many epochs.</summary>
    public const string Step = "step";

    private static readonly KnownName[] s_known =
    [
        new(Constant, "lr"),
        new(Cosine, "down to floor x lr along half a cosine"),
        new(Exponential, "lr x gamma^epoch"),
        new(OneCycle, "up to lr and far down again, along two half cosines"),
        new(Polynomial, "down to floor x lr along (1 - t)^power"),
        new(Step, "lr x gamma every so many epochs"),
    ];

    public static IReadOnlyList<string> All { get; } = [.. s_known.Select(known => known.Name)];

    /// <summary>What each is, in a sentence.</summary>
    internal static string Words => KnownName.Describe(s_known);
}
