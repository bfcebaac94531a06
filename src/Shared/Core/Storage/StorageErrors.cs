using System.Runtime.InteropServices;

namespace ChangeDetection.Core.Storage;

/// <summary>Error numbers of Linux that storage tells apart, and what to advise for each.</summary>
internal static class StorageErrors
{
    internal const int NoPermission = 1;
    internal const int NoEntry = 2;
    internal const int InputOutput = 5;
    internal const int WouldBlock = 11;
    internal const int AccessDenied = 13;
    internal const int Exists = 17;
    internal const int NotAFolder = 20;
    internal const int Invalid = 22;
    internal const int FileTooLarge = 27;
    internal const int NoSpace = 28;
    internal const int ReadOnlyFileSystem = 30;
    internal const int NameTooLong = 36;
    internal const int NoSuchCall = 38;
    internal const int NotEmpty = 39;
    internal const int Loop = 40;
    internal const int NotSupported = 95;
    internal const int Quota = 122;

    /// <summary>The exception for the system call that just failed, with its error number in <see cref="Exception.HResult"/>.</summary>
    internal static IOException Last(string what, string path) => Of(Marshal.GetLastPInvokeError(), what, path);

    internal static IOException Of(int error, string what, string path, Exception? inner = null)
        => new($"Cannot {what} '{path}': {Marshal.GetPInvokeErrorMessage(error)}. {Remedy(error)}", inner) { HResult = error };

    /// <summary>True for what a disk or its limits make of a write, as .NET reports it: without the path and without a remedy.</summary>
    internal static bool IsOfFileSystem(IOException exception)
        => exception.HResult is NoSpace or Quota or ReadOnlyFileSystem or FileTooLarge or InputOutput;

    private static string Remedy(int error) => error switch
    {
        NoSpace or Quota => "Free space on that file system, or point the setting at another one; nothing was half-written.",
        NoPermission or AccessDenied => "Let this process's account read and write that folder (chown or chmod), or use another folder.",
        ReadOnlyFileSystem => "The file system is mounted read-only; mount it writable, or use another folder.",
        NotAFolder => "A part of the path is a file where a folder is needed; remove it, or use another name.",
        _ => "Look at the file system and its disk (dmesg), then try again.",
    };
}
