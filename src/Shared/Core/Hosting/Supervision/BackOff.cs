namespace ChangeDetection.Core.Hosting.Supervision;

/// <summary>How long to wait before a dead child is started again: twice as long each time, and from the beginning once one has lived.</summary>
/// <param name="First">The first wait.</param>
/// <param name="Longest">No wait is longer.</param>
/// <param name="Healthy">A child that lived this long owes nothing to the deaths before it.</param>
public sealed record BackOff(TimeSpan First, TimeSpan Longest, TimeSpan Healthy)
{
    /// <summary>1 s, 2 s, 4 s … 30 s; a minute of life resets it.</summary>
    public static BackOff Default { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));

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
