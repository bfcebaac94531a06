using Microsoft.Extensions.Configuration;

namespace ChangeDetection.Scheduler.Retention;

/// <summary>Settings <c>Retention</c>: when objects go that nobody refers to any more.</summary>
public sealed record RetentionSettings
{
    /// <summary>How long they stay after that: whoever has just found one in a list has so long to open it.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often the scheduler looks. Each time it lists what runs have stored.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(5);

    public static RetentionSettings Read(IConfiguration configuration) => configuration.GetSection("Retention").Get<RetentionSettings>() ?? new RetentionSettings();
}
