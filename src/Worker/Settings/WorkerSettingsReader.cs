using System.Globalization;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Worker.Data.Shards.Cache;
using Microsoft.Extensions.Configuration;

namespace ChangeDetection.Worker.Settings;

/// <summary>Reads a worker's settings: the system it works for (<see cref="SystemSettings"/>), and how it works.</summary>
internal static class WorkerSettingsReader
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(7);

    /// <exception cref="SettingsException">Nothing says which system to join, or a setting is out of its range.</exception>
    public static WorkerSettings Read(SystemSettings system, IConfiguration configuration)
    {
        var (database, store) = system.Locate();
        var settings = new WorkerSettings
        {
            Database = database,
            Store = store,
            Slots = configuration["Slots"],
            Queues = configuration["Queues"],
        };
        return settings with
        {
            CheckpointGrace = Duration(configuration, "Checkpoint_Grace", settings.CheckpointGrace),
            HangAfter = Duration(configuration, "Hang_After", settings.HangAfter),
            Recheck = new BackOff(
                Duration(configuration, "Recheck_First", settings.Recheck.First),
                Duration(configuration, "Recheck_Longest", settings.Recheck.Longest)),
            ShardCache = ShardCacheSettings.Read(key => configuration[$"Cache:{key}"], system.Folder.Cache),
            OutboxBytes = configuration.GetValue("Outbox_Bytes", settings.OutboxBytes) is > 0 and var bytes
                ? bytes
                : throw new SettingsException("CHANGEDETECTION_OUTBOX_BYTES is not above 0. Leave it out for 8 MiB."),
        };
    }

    private static TimeSpan Duration(IConfiguration configuration, string key, TimeSpan otherwise)
    {
        if (configuration[key] is not { Length: > 0 } text)
            return otherwise;
        // A bare number would be days.
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration)
            && duration >= s_shortest && duration <= s_longest
            ? duration
            : throw new SettingsException(
                $"CHANGEDETECTION_{key.ToUpperInvariant()} is '{text}', which is no duration from {s_shortest} to {s_longest}. Write it like " +
                    $"{otherwise} (hours, minutes, seconds).");
    }
}
