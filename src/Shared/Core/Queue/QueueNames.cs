using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Queue;

/// <summary>
/// Queue names <c>q{9 − priority}-{any|cpu|gpu|import}</c>. Hangfire.PostgreSql serves queues in alphabetical order, whatever order a server
/// lists them in, so the urgency stands first in the name.
/// </summary>
public static class QueueNames
{
    public const int MaxPriority = 9;

    /// <summary>What workers take beside their slots: files of weights to be converted, whatever device they name.</summary>
    public static IReadOnlyList<string> Imports { get; } =
        [.. Enumerable.Range(0, MaxPriority + 1).Reverse().Select(priority => For(priority, DeviceClass.Any, isImport: true))];

    /// <param name="isImport">Whether the run is an import, which needs no slot.</param>
    public static string For(int priority, DeviceClass device, bool isImport = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(priority);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, MaxPriority);
        return $"q{MaxPriority - priority}-{(isImport ? "import" : device.ToString().ToLowerInvariant())}";
    }

    /// <summary>The queues a slot of this device takes from: its own class and <c>any</c>, at every priority.</summary>
    /// <param name="device"><see cref="DeviceClass.Cpu"/> or <see cref="DeviceClass.Gpu"/>.</param>
    public static string[] ServedBy(DeviceClass device) =>
        [.. Enumerable.Range(0, MaxPriority + 1).Reverse().SelectMany(priority => new[] { For(priority, DeviceClass.Any), For(priority, device) })
            .Order(StringComparer.Ordinal)];
}
