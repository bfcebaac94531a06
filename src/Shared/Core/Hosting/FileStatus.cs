using System.Runtime.InteropServices;

namespace ChangeDetection.Core.Hosting;

/// <summary>What <c>statx(2)</c> says of a file or folder and .NET does not: its number and its owner. Links are followed.</summary>
/// <param name="Device">As <c>major:minor</c>.</param>
/// <param name="Inode">Its number on that device.</param>
/// <param name="Owner">The user id of its owner.</param>
public sealed partial record FileStatus(string Device, ulong Inode, uint Owner)
{
    private const int CurrentFolder = -100;
    private const uint BasicStatus = 0x7ff;
    private const uint KeepGroup = uint.MaxValue;

    /// <summary>Null for one that is not there or may not be looked at.</summary>
    public static FileStatus? Of(string path) => Stat(CurrentFolder, path, 0, BasicStatus, out var found) == 0
        ? new FileStatus($"{found.DeviceMajor}:{found.DeviceMinor}", found.Inode, found.Owner)
        : null;

    /// <summary>Gives a file that root wrote into another account's folder to that account, which could not read it otherwise.</summary>
    public static void GiveToOwnerOf(string folder, string file)
    {
        // Where it cannot be given (a file system without owners), root's it stays.
        if (Environment.IsPrivilegedProcess && Of(folder) is { Owner: > 0 and var owner })
            _ = ChangeOwner(file, owner, KeepGroup);
    }

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(int folder, string path, int flags, uint mask, out Fields fields);

    /// <summary>The part of <c>struct statx</c> that is read here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Fields
    {
        [FieldOffset(20)] public readonly uint Owner;
        [FieldOffset(32)] public readonly ulong Inode;
        [FieldOffset(136)] public readonly uint DeviceMajor;
        [FieldOffset(140)] public readonly uint DeviceMinor;
    }
}
