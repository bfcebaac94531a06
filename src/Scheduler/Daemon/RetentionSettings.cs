using ChangeDetection.Core.Hosting;
using Microsoft.Extensions.Configuration;

namespace ChangeDetection.Scheduler.Daemon;

/// <summary>Settings <c>Retention</c>: when objects go that nobody refers to any more.</summary>
public sealed record RetentionSettings
{
    /// <summary>How long they stay after that: whoever has just found one in a list has so long to open it.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often the scheduler looks. Each time it lists what runs have stored.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(30);

    /// <summary>Those of this process.</summary>
    public static RetentionSettings OfEnvironment() => Read(new ConfigurationBuilder().AddEnvironmentVariables("CHANGEDETECTION_").Build());

    /// <exception cref="SettingsException">A time is below zero, or there is none, or more than 30 days, between two looks.</exception>
    public static RetentionSettings Read(IConfiguration configuration)
    {
        var settings = SettingsSection.Read<RetentionSettings>(configuration, "Retention");
        if (settings.Grace < TimeSpan.Zero || settings.Every <= TimeSpan.Zero || settings.Every > s_longest)
            throw new SettingsException(
                $"CHANGEDETECTION_RETENTION__GRACE is {settings.Grace}, CHANGEDETECTION_RETENTION__EVERY is {settings.Every}: the first must not " +
                    "be below zero, the second above it and at most 30 days. Write times such as 00:10:00.");
        return settings;
    }
}
