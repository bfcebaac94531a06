namespace ChangeDetection.Scheduler.Cli.Errors;

/// <summary>What scripts can rely on when a verb ends.</summary>
public static class ExitCode
{
    public const int Done = 0;
    /// <summary>The run or check failed, or was stopped.</summary>
    public const int Failed = 1;
    /// <summary>The command or a config is wrong: doing it again cannot help.</summary>
    public const int Wrong = 2;
}
