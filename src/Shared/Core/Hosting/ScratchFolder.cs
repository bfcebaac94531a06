namespace ChangeDetection.Core.Hosting;

/// <summary>The place for large files of no lasting worth, such as decoded pixels and predictions while they grow.</summary>
public static class ScratchFolder
{
    /// <summary>The environment variable that names it.</summary>
    public const string Variable = "CHANGEDETECTION_SCRATCH";

    /// <summary>The setting's, else <c>TMPDIR</c>, else <c>/var/tmp</c> (file-hierarchy(7)).</summary>
    public static string Path => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } setting ? setting
        : Environment.GetEnvironmentVariable("TMPDIR") is { Length: > 0 } temporary ? temporary
        : "/var/tmp";
}
