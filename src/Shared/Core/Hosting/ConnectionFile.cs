namespace ChangeDetection.Core.Hosting;

/// <summary>Where a running local system is reached. Written by its owner, read by the verbs of the command line.</summary>
/// <param name="Database">The connection string, password included.</param>
/// <param name="Store">The root of the object store.</param>
/// <param name="Dashboard">The dashboard's address; null while none runs.</param>
/// <param name="OwnerPid">The process that keeps the system up.</param>
/// <param name="DashboardToken">The start-up token that opens the dashboard; null where none does.</param>
public sealed record ConnectionFile(string Database, Uri Store, Uri? Dashboard, int OwnerPid, string? DashboardToken = null)
{
    /// <summary>The file's name in the data folder.</summary>
    public const string Name = "connection.json";

    /// <summary>Writes the file with mode 0600, whole or not at all.</summary>
    public void Write(DataFolder folder) => PrivateFile.Write(folder[Name], this);

    /// <summary>
    /// The addresses of the system that is up on this folder; null when none is. A file left by a killed owner does not count:
    /// whether a system is up is said by the owner lock, which the kernel releases. Nor does one that another process wrote than holds the lock: it was left,
    /// or came along with a copy of a folder that was in use, and leads to another system.
    /// </summary>
    public static ConnectionFile? Read(DataFolder folder) =>
        OwnerLock.IsHeld(folder) && PrivateFile.Read<ConnectionFile>(folder[Name]) is { } file && OwnerLock.HolderOf(folder)?.Pid == file.OwnerPid
            ? file
            : null;

    /// <summary>Called by the owner when the system goes down.</summary>
    public static void Delete(DataFolder folder) => File.Delete(folder[Name]);
}
