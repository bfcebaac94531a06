namespace ChangeDetection.Core.Hosting;

/// <summary>
/// Where a folder stands: a hint by which a copy is told from the folder itself. A folder that is renamed keeps device and inode; a copy has an inode
/// of its own; a volume that is mounted anew may have another device, and keeps its path.
/// </summary>
/// <param name="Path">The absolute path.</param>
/// <param name="Device">The file system's number on this machine, as <c>major:minor</c>.</param>
/// <param name="Inode">The folder's number in it.</param>
/// <param name="Machine">machine-id(5); null where there is none, as in many containers.</param>
public sealed record FolderPlace(string Path, string Device, ulong Inode, string? Machine = null)
{
    private const string MachineIdFile = "/etc/machine-id";

    /// <summary>The folder's present place.</summary>
    /// <exception cref="DataFolderException">It cannot be looked at.</exception>
    public static FolderPlace Of(DataFolder folder)
    {
        var status = FileStatus.Of(folder.Path)
            ?? throw new DataFolderException($"The data folder '{folder}' cannot be looked at. Look whether it is there and open to this account.");
        return new FolderPlace(folder.Path, status.Device, status.Inode, MachineId());
    }

    /// <summary>
    /// Whether this is the same folder: the same path or the same inode, on a machine that is not known to be another. Where both agree the machine
    /// is not asked: a container of a newer image may have another machine-id.
    /// </summary>
    public bool IsSame(FolderPlace other)
    {
        var (isPath, isInode) = (Path == other.Path, (Device, Inode) == (other.Device, other.Inode));
        return isPath && isInode || (isPath || isInode) && (Machine is null || other.Machine is null || Machine == other.Machine);
    }

    private static string? MachineId()
    {
        try
        {
            return File.ReadAllText(MachineIdFile).Trim() is { Length: > 0 } id ? id : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
