using System.Runtime.InteropServices;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>
/// An account of the machine. PostgreSQL refuses to run as root, so a system that root starts lends its cluster to another account.
/// </summary>
internal sealed partial record SystemAccount(string Name, uint UserId, uint GroupId)
{
    /// <summary>The account for the cluster of a system that runs as root; null when it runs as an ordinary user already.</summary>
    /// <exception cref="LocalPostgresException">We are root, and the machine has neither account.</exception>
    public static SystemAccount? ForCluster() =>
        !Environment.IsPrivilegedProcess
            ? null
            : Find("postgres") ?? Find("nobody") ?? throw new LocalPostgresException(
                "PostgreSQL refuses to run as root, and this machine has neither an account 'postgres' nor 'nobody' to run it. "
                + "Run as an ordinary user, or create one: useradd --system postgres.");

    /// <summary>The user id that this process acts with.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>Looks an account up by name; null when there is none.</summary>
    public static unsafe SystemAccount? Find(string name)
    {
        Span<byte> strings = stackalloc byte[4096];
        Passwd entry;
        Passwd* found;
        fixed (byte* buffer = strings)
        {
            var error = LookUp(name, &entry, buffer, (nuint)strings.Length, &found);
            return error == 0 && found is not null ? new SystemAccount(name, entry.UserId, entry.GroupId) : null;
        }
    }

    /// <summary>Looks an account up by its user id; null when there is none.</summary>
    public static unsafe SystemAccount? Find(uint user)
    {
        Span<byte> strings = stackalloc byte[4096];
        Passwd entry;
        Passwd* found;
        fixed (byte* buffer = strings)
        {
            var error = LookUp(user, &entry, buffer, (nuint)strings.Length, &found);
            return error == 0 && found is not null && Marshal.PtrToStringUTF8(entry.Name) is { } name
                ? new SystemAccount(name, entry.UserId, entry.GroupId) : null;
        }
    }

    /// <summary>Makes the account the owner of a folder and of everything in it.</summary>
    public void OwnTree(string folder)
    {
        Own(folder);
        // Links are given away themselves, and not followed.
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder, "*", s_everything))
            Own(entry);
    }

    /// <summary>Makes the account the owner of a file or folder (of a link itself, never of what it points to).</summary>
    public void Own(string path)
    {
        if (ChangeOwner(path, UserId, GroupId) != 0)
            throw new LocalPostgresException(
                $"'{path}' cannot be given to the account '{Name}': {Marshal.GetLastPInvokeErrorMessage()}. Choose a data folder on a local disk.");
    }

    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int LookUp(string name, Passwd* entry, byte* buffer, nuint length, Passwd** found);

    private static readonly EnumerationOptions s_everything = new() { AttributesToSkip = 0, RecurseSubdirectories = true };

    [LibraryImport("libc", EntryPoint = "getpwuid_r")]
    private static unsafe partial int LookUp(uint user, Passwd* entry, byte* buffer, nuint length, Passwd** found);

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    /// <summary>struct passwd; the fields after the ids differ between systems, so there is room to spare.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Passwd
    {
        public nint Name;
        public nint Password;
        public uint UserId;
        public uint GroupId;
    }
}
