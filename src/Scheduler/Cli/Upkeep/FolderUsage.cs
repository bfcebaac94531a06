namespace ChangeDetection.Scheduler.Cli.Upkeep;

/// <summary>What a folder of this machine takes.</summary>
internal sealed record FolderUsage(string Path, long Bytes)
{
    private static readonly EnumerationOptions s_all = new()
    {
        RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>Null where there is none.</summary>
    public static FolderUsage? Of(string path) => !Directory.Exists(path) ? null
        : new FolderUsage(path, new DirectoryInfo(path).EnumerateFiles("*", s_all).Sum(LengthOf));

    /// <summary>A copy may make way for another while they are counted.</summary>
    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
