using System.ComponentModel.DataAnnotations;

namespace ChangeDetection.Core.Runs;

/// <summary>Settings <c>Lease</c>: how long silence is borne, and how many deaths. The same in every process of a system.</summary>
public sealed record LeaseSettings
{
    /// <summary>A worker that does not renew for so long is taken for dead.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00")]
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many deaths of the infrastructure end a run: a crash loop stops.</summary>
    [Range(1, 100)]
    public int MaxDeaths { get; init; } = 3;

    /// <summary>
    /// How often a run is refused before it fails, once every worker that is ready has refused it; where one has not (perhaps it never takes such runs), ten
    /// times as often.
    /// </summary>
    public const int MaxRefusals = 3;

    /// <summary>How long a worker that refused a run leaves it to others.</summary>
    public static TimeSpan RefusalPause { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Renewals come this often, so that several may fail before the lease runs out.</summary>
    public TimeSpan RenewEvery => Duration / 6;

    /// <summary>How often whoever takes leases back looks at them, at least.</summary>
    public TimeSpan LookEvery => Duration / 4 < s_longestLook ? Duration / 4 : s_longestLook;

    /// <summary>
    /// When nobody looked for longer than this, perhaps nobody could: the database was down, frozen or cut off, and renewals did not get through
    /// either.
    /// </summary>
    public TimeSpan LongestGap => Duration / 2;

    private static readonly TimeSpan s_longestLook = TimeSpan.FromSeconds(10);
}
