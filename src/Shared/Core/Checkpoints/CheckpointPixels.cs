namespace ChangeDetection.Core.Checkpoints;

/// <summary>Which pixels a network was trained on: what it is shown later has to be of their type, and should be of their range.</summary>
/// <param name="Type">Of the values: one of <see cref="Types"/>.</param>
/// <param name="Ranges">Of each channel; null where nobody knows.</param>
public sealed record CheckpointPixels(string Type, IReadOnlyList<ValueRange>? Ranges)
{
    /// <summary>The types that there are, by NumPy's names.</summary>
    public static IReadOnlyList<string> Types { get; } = ["uint8", "uint16", "float32"];

    /// <summary>The rule that is broken, as the end of a sentence; null where none is.</summary>
    /// <param name="channels">That the network takes of a date.</param>
    internal string? Problem(int channels) =>
        !Types.Contains(Type) ? $"is of the pixel type '{Type}', which is none of {string.Join(", ", Types)}"
        : Ranges is { } ranges && (ranges.Count != channels || ranges.Any(range => range is not { IsSound: true }))
            ? $"has not one range of finite, ascending numbers for each of the {channels} channels"
        : null;
}

/// <summary>Which values the valid pixels of a channel have.</summary>
/// <param name="Minimum">The smallest.</param>
/// <param name="Low">The 2nd percentile.</param>
/// <param name="High">The 98th percentile.</param>
/// <param name="Maximum">The largest.</param>
public sealed record ValueRange(double Minimum, double Low, double High, double Maximum)
{
    internal bool IsSound => double.IsFinite(Minimum) && double.IsFinite(Maximum) && Minimum <= Low && Low <= High && High <= Maximum;
}
