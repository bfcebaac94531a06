using System.Collections.Concurrent;

namespace ChangeDetection.Resilience.Tests.Chaos;

/// <summary>What clients were told: the ids that they were given, and how often they did what.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<Guid, int> _runs = new();

    /// <summary>Every run whose id a client was given.</summary>
    public IReadOnlyCollection<Guid> Runs => [.. _runs.Keys];

    public ConcurrentDictionary<string, int> Actions { get; } = new();

    /// <summary>The seed of its experiment: runs of one seed must give one result.</summary>
    public int SeedOf(Guid run) => _runs[run];

    public void Acknowledge(Guid run, int seed) => _runs[run] = seed;

    public void Did(string action) => Actions.AddOrUpdate(action, 1, (_, count) => count + 1);
}
