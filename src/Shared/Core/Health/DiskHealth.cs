using System.Globalization;

namespace ChangeDetection.Core.Health;

/// <summary>Whether a folder takes files, and how much room its disk has.</summary>
public static class DiskHealth
{
    /// <summary>Less is full, in bytes: a checkpoint of the smallest network takes as much.</summary>
    public const long Least = 16L << 20;

    /// <summary>Less is soon full, in bytes.</summary>
    private const long Little = 2L << 30;

    /// <summary>Of the folder, or of the nearest one above it that there is; null where no file system tells.</summary>
    public static DiskRoom? Room(string folder)
    {
        try
        {
            var drive = new DriveInfo(Nearest(folder));
            return new DiskRoom(drive.AvailableFreeSpace, drive.TotalSize, drive.DriveFormat);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>
    /// Writes a small file and takes it away. A folder that is not there yet is judged by the one that it would be made in, without a file.
    /// </summary>
    /// <param name="name">Of the finding.</param>
    /// <param name="remedy">What to do where the folder cannot be used, or its disk is full.</param>
    public static HealthFinding Check(string name, string folder, string remedy)
    {
        if (Room(folder) is not { } room)
            return HealthFinding.Failure(name, folder, "no file system answers there.", remedy);
        var seen = $"{folder}: {room}";
        if (room.Free < Least)
            return HealthFinding.Failure(name, seen, "the disk is full.", remedy);
        if (Directory.Exists(folder) && Refusal(folder) is { } refusal)
            return HealthFinding.Failure(name, seen, $"it takes no file: {refusal.TrimEnd('.')}.", remedy);
        if (File.Exists(folder))
            return HealthFinding.Failure(name, seen, "it is a file, and a folder is needed.", remedy);
        return room.Free < Little ? HealthFinding.Warning(name, seen, "the disk is nearly full.", remedy) : HealthFinding.Good(name, seen);
    }

    private static string? Refusal(string folder)
    {
        var path = Path.Combine(folder, $".changedetection-health-{Guid.NewGuid():N}");
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Delete, 4096, FileOptions.DeleteOnClose);
            file.Write(new byte[4096]);
            file.Flush(flushToDisk: true);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    private static string Nearest(string folder)
    {
        var path = Path.GetFullPath(folder);
        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } parent)
            path = parent;
        return path;
    }
}

/// <summary>Room on a file system, in bytes.</summary>
/// <param name="Format">Of the file system: <c>ext4</c>, <c>nfs</c>.</param>
public sealed record DiskRoom(long Free, long Total, string Format)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Free / (double)(1 << 30):0.0} of {Total / (double)(1 << 30):0.0} GiB free ({Format})");
}
