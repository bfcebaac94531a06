namespace ChangeDetection.Core.Hosting;

/// <summary>How long to wait before something that failed is tried again: twice as long each time, up to a longest wait.</summary>
/// <param name="First">The wait after the first failure.</param>
/// <param name="Longest">No wait is longer.</param>
/// <param name="Healthy">What lived this long owes nothing to the failures before; null: nothing is forgotten.</param>
public sealed record BackOff(TimeSpan First, TimeSpan Longest, TimeSpan? Healthy = null)
{
    private const int MostDoublings = 20;

    /// <summary>For processes that die: 1 s, 2 s, 4 s … 30 s; a minute of life resets it.</summary>
    public static BackOff Default { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));

    /// <summary>The wait after so many failures in a row, from 1 on.</summary>
    public TimeSpan Pause(int failures) => TimeSpan.FromTicks(Math.Min(First.Ticks << Math.Min(failures - 1, MostDoublings), Longest.Ticks));

    /// <summary>The wait after a death.</summary>
    /// <param name="previous">The wait before this life; null for the first.</param>
    /// <param name="lived">How long it lived.</param>
    public TimeSpan After(TimeSpan? previous, TimeSpan lived)
    {
        if (previous is not { } last || lived >= Healthy)
            return First;
        var doubled = last * 2;
        return doubled < Longest ? doubled : Longest;
    }
}
