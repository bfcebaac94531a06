using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Core.Storage;

/// <summary>
/// The system calls that .NET does not offer: opening a folder, resolving a name relative to an open folder without following links,
/// renaming without replacing, and locks. Flag values are those of Linux on x86-64 (<c>open(2)</c>, <c>rename(2)</c>, <c>statx(2)</c>, <c>flock(2)</c>).
/// </summary>
internal static partial class Posix
{
    internal const int CurrentFolder = -100;
    internal const int CreateExclusive = 0x40 | 0x80;
    internal const int WriteOnly = 0x1;
    internal const int NonBlocking = 0x800;
    internal const int Folder = 0x10000;
    internal const int NoFollow = 0x20000;
    internal const int CloseOnExec = 0x80000;
    internal const int RemoveFolder = 0x200;
    internal const int StatNoFollow = 0x100;
    internal const uint RenameNoReplace = 0x1;
    internal const int LockExclusive = 0x2;
    internal const int LockAtOnce = 0x4;

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenAt(int folder, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenAt(SafeFileHandle folder, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeFolderAt(SafeFileHandle folder, string path, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int UnlinkAt(SafeFileHandle folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int LinkAt(SafeFileHandle fromFolder, string from, SafeFileHandle toFolder, string to, int flags);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int RenameAt2(SafeFileHandle fromFolder, string from, SafeFileHandle toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int StatAt(SafeFileHandle folder, string path, int flags, uint mask, out Stat stat);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Lock(SafeFileHandle handle, int operation);

    /// <summary>The part of <c>struct statx</c> that is read here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Stat
    {
        /// <summary>Ask for the kind and the size.</summary>
        internal const uint KindAndSize = 0x1 | 0x200;

        [FieldOffset(28)] private readonly ushort _mode;
        [FieldOffset(40)] internal readonly long Size;

        internal readonly bool IsFile => (_mode & 0xF000) == 0x8000;
        internal readonly bool IsLink => (_mode & 0xF000) == 0xA000;
    }
}
