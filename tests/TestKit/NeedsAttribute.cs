using Xunit.v3;

namespace ChangeDetection.TestKit;

/// <summary>What a test may need beside its own process.</summary>
public enum Resource
{
    /// <summary>A PostgreSQL of its own.</summary>
    Database,
    /// <summary>Other programs: ours, a shell, Python.</summary>
    Processes,
    /// <summary>Chromium.</summary>
    Browser,
    /// <summary>A storage server of <c>tests/servers</c>.</summary>
    StorageServer,
}

/// <summary>
/// Marks tests that need more than their own process, as the trait <c>Needs</c>: <c>deploy/test.sh fast</c> leaves them out. Architecture.Tests finds those
/// that forgot it.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Method)]
public sealed class NeedsAttribute(params Resource[] resources) : Attribute, ITraitAttribute
{
    public IReadOnlyList<Resource> Resources { get; } = resources;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [.. Resources.Select(resource => KeyValuePair.Create("Needs", $"{resource}"))];
}
