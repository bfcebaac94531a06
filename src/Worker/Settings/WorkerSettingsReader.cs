using System.Globalization;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Worker.Data.Shards.Cache;
using Microsoft.Extensions.Configuration;

namespace ChangeDetection.Worker.Settings;

/// <summary>Finds out which database and store a worker works for: named ones, else those of the local system that is up on its data folder.</summary>
internal static class WorkerSettingsReader
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(7);

    /// <exception cref="WorkerSettingsException">Nothing says which system to join, or a setting is out of its range.</exception>
    public static WorkerSettings Read(IConfiguration configuration)
    {
        var path = DataFolder.Resolve(configuration["Data_Dir"]);
        // An explicit folder on the command line outranks a database in the environment.
        var byFolder = Environment.GetCommandLineArgs().Contains("--data-dir");
        var database = byFolder ? null : configuration["Database"];
        var store = configuration["Store"] is { Length: > 0 } text
            ? Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : throw new WorkerSettingsException($"CHANGEDETECTION_STORE is '{text}', which is not an absolute URI such as file:///data/store.")
            : null;
        if (database is null)
        {
            var running = DataFolder.Existing(path) is { } folder ? ConnectionFile.Read(folder) : null;
            database = running?.Database ?? throw new WorkerSettingsException(
                $"No system is up on '{path}'. Start one with 'changedetection up', name its folder with --data-dir, or set CHANGEDETECTION_DATABASE and CHANGEDETECTION_STORE.");
            store = running.Store;
        }
        var settings = new WorkerSettings
        {
            Database = database,
            Store = store ?? DataFolder.Open(path).StoreUri,
            Slots = configuration["Slots"],
            Queues = configuration["Queues"],
        };
        return settings with
        {
            CheckpointGrace = Duration(configuration, "Checkpoint_Grace", settings.CheckpointGrace),
            HangAfter = Duration(configuration, "Hang_After", settings.HangAfter),
            ShardCache = ShardCacheSettings.Read(key => configuration[$"Cache:{key}"], DataFolder.At(path).Cache),
            OutboxBytes = configuration.GetValue("Outbox_Bytes", settings.OutboxBytes) is > 0 and var bytes
                ? bytes
                : throw new WorkerSettingsException("CHANGEDETECTION_OUTBOX_BYTES is not above 0. Leave it out for 8 MiB."),
        };
    }

    private static TimeSpan Duration(IConfiguration configuration, string key, TimeSpan otherwise)
    {
        if (configuration[key] is not { Length: > 0 } text)
            return otherwise;
        // A bare number would be days.
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration) && duration >= s_shortest && duration <= s_longest
            ? duration
            : throw new WorkerSettingsException(
                $"CHANGEDETECTION_{key.ToUpperInvariant()} is '{text}', which is no duration from {s_shortest} to {s_longest}. Write it like {otherwise} (hours, minutes, seconds).");
    }
}

/// <summary>Nothing, or nothing usable, says which system to join.</summary>
public sealed class WorkerSettingsException(string message) : Exception(message);
