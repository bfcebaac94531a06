using System.Runtime.InteropServices;

namespace ChangeDetection.Core.Hosting;

/// <summary>What <c>statx(2)</c> says of a file or folder and .NET does not: its number and its owner. Links are followed.</summary>
/// <param name="Device">As <c>major:minor</c>.</param>
/// <param name="Inode">Its number on that device.</param>
/// <param name="Owner">The user id of its owner.</param>
internal sealed partial record FileStatus(string Device, ulong Inode, uint Owner)
{
    private const int CurrentFolder = -100;
    private const uint BasicStatus = 0x7ff;

    /// <summary>Null for one that is not there or may not be looked at.</summary>
    public static FileStatus? Of(string path) => Stat(CurrentFolder, path, 0, BasicStatus, out var found) == 0
        ? new FileStatus($"{found.DeviceMajor}:{found.DeviceMinor}", found.Inode, found.Owner)
        : null;

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
