#pragma warning disable IDE0005 // The inline task is compiled without implicit usings.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text;

/// <summary>
/// Marks one needed symbol version of an ELF library as weak, so that the loader warns instead of refusing where the version is absent.
/// The distributed libLibTorchSharp.so needs GLIBCXX_3.4.32 for a single symbol that nothing calls; Debian 12 and Ubuntu 22.04 end at 3.4.30.
/// Compiled by the build as an inline task (netstandard2.0) and by Worker.Tests as a source file.
/// </summary>
public static class WeakSymbolVersion
{
    private const int SectionNeededVersions = 0x6ffffffe; // SHT_GNU_verneed
    private const int WeakFlag = 0x2; // VER_FLG_WEAK

    /// <summary>Offset of vna_flags of the version's entry in .gnu.version_r, or -1 when the file does not need the version.</summary>
    /// <exception cref="InvalidDataException">The file is not laid out as a 64-bit little-endian ELF library with section headers.</exception>
    public static int FindFlags(byte[] file, string version)
    {
        if (file.Length < 64 || file[0] != 0x7f || file[1] != 'E' || file[2] != 'L' || file[3] != 'F' || file[4] != 2 || file[5] != 1)
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        var sections = Offset64(file, 0x28);
        int entrySize = UInt16(file, 0x3a), count = UInt16(file, 0x3c);
        if (entrySize != 64 || count == 0)
            throw new InvalidDataException("it has no section headers of 64 bytes");
        for (var i = 0; i < count; i++)
        {
            var header = sections + i * 64;
            if (Int32(file, header + 4) != SectionNeededVersions)
                continue;
            var names = Offset64(file, sections + Int32(file, header + 0x28) * 64 + 0x18);
            return FindInSection(file, Offset64(file, header + 0x18), Offset64(file, header + 0x20), Int32(file, header + 0x2c), names, version);
        }
        return -1;
    }

    public static bool IsWeak(byte[] file, int flags) => (UInt16(file, flags) & WeakFlag) != 0;

    public static void SetWeak(byte[] file, int flags) => file[flags] |= WeakFlag;

    private static int FindInSection(byte[] file, int start, int size, int libraries, int names, string version)
    {
        var library = start;
        for (var i = 0; i < libraries; i++)
        {
            Require(library >= start && library + 16 <= start + size && UInt16(file, library) == 1, "a library's entry lies outside .gnu.version_r");
            var entry = library + Int32(file, library + 8);
            for (var j = 0; j < UInt16(file, library + 2); j++)
            {
                Require(entry >= start && entry + 16 <= start + size, "a version's entry lies outside .gnu.version_r");
                if (Text(file, names + Int32(file, entry + 8)) == version)
                {
                    Require(Int32(file, entry) == Hash(version) && (UInt16(file, entry + 4) & ~WeakFlag) == 0,
                        "the version's entry has another hash or unknown flags");
                    return entry + 4;
                }
                entry += Int32(file, entry + 12);
            }
            library += Int32(file, library + 12);
        }
        return -1;
    }

    /// <summary>The System V ABI's hash of a name.</summary>
    private static int Hash(string name)
    {
        uint h = 0;
        foreach (var c in name)
        {
            h = (h << 4) + c;
            var g = h & 0xf0000000;
            h = (h ^ (g >> 24)) & ~g;
        }
        return (int)h;
    }

    private static string Text(byte[] file, int at)
    {
        Require(at >= 0 && at < file.Length, "a name lies outside the file");
        var end = Array.IndexOf(file, (byte)0, at);
        Require(end >= 0 && end - at < 256, "a name has no end");
        return Encoding.ASCII.GetString(file, at, end - at);
    }

    private static int UInt16(byte[] file, int at) => At(file, at, 2) | file[at + 1] << 8;

    private static int Int32(byte[] file, int at) => At(file, at, 4) | file[at + 1] << 8 | file[at + 2] << 16 | file[at + 3] << 24;

    private static int Offset64(byte[] file, int at)
    {
        Require(Int32(file, at + 4) == 0, "an offset is larger than the file");
        return Int32(file, at);
    }

    private static int At(byte[] file, int at, int length)
    {
        Require(at >= 0 && at <= file.Length - length, "an offset is larger than the file");
        return file[at];
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidDataException(otherwise);
    }
}

#if !TESTS
/// <summary>The build's step: patches <see cref="File"/> where this machine's C++ runtime lacks <see cref="Version"/>, or whatever it has.</summary>
public sealed class WeakenSymbolVersion : Microsoft.Build.Utilities.Task
{
    [Microsoft.Build.Framework.Required]
    public string File { get; set; }

    [Microsoft.Build.Framework.Required]
    public string Version { get; set; }

    /// <summary>For a file that goes to other machines.</summary>
    public bool Always { get; set; }

    public override bool Execute()
    {
        try
        {
            var bytes = System.IO.File.ReadAllBytes(File);
            var flags = WeakSymbolVersion.FindFlags(bytes, Version);
            if (flags < 0 || WeakSymbolVersion.IsWeak(bytes, flags) || (!Always && RuntimeHasVersion()))
                return true;
            WeakSymbolVersion.SetWeak(bytes, flags);
            Replace(bytes);
            var reason = Always ? "whatever libstdc++ it meets" : "as this machine's libstdc++ lacks it";
            Log.LogMessage(Microsoft.Build.Framework.MessageImportance.High, "{0}: {1} is now optional, {2}.", File, Version, reason);
            return true;
        }
        catch (InvalidDataException problem)
        {
            Log.LogError(
                "{0}: cannot make {1} optional: {2}. A C++ runtime with that version (Ubuntu 24.04, Debian 13) needs no patch.",
                File, Version, problem.Message);
            return false;
        }
    }

    /// <summary>
    /// A new file, then a rename: outputs are hard links, and writing in place would change the package cache.
    /// The old file's time is kept, so that the next build sees nothing to copy.
    /// </summary>
    private void Replace(byte[] bytes)
    {
        var time = System.IO.File.GetLastWriteTimeUtc(File);
        var temporary = File + "." + Process.GetCurrentProcess().Id + ".tmp";
        System.IO.File.WriteAllBytes(temporary, bytes);
        System.IO.File.SetLastWriteTimeUtc(temporary, time);
        System.IO.File.Replace(temporary, File, null);
    }

    private bool RuntimeHasVersion()
    {
        var wanted = Encoding.ASCII.GetBytes(Version + "\0");
        foreach (var library in RuntimeLibraries())
        {
            if (IndexOf(System.IO.File.ReadAllBytes(library), wanted) >= 0)
                return true;
        }
        return false;
    }

    private static IEnumerable<string> RuntimeLibraries()
    {
        var tool = System.IO.File.Exists("/sbin/ldconfig") ? "/sbin/ldconfig" : "/usr/sbin/ldconfig";
        if (!System.IO.File.Exists(tool))
            yield break;
        using (var process = Process.Start(new ProcessStartInfo(tool, "-p") { RedirectStandardOutput = true, UseShellExecute = false }))
        {
            for (var line = process.StandardOutput.ReadLine(); line != null; line = process.StandardOutput.ReadLine())
            {
                var arrow = line.IndexOf("=> ", StringComparison.Ordinal);
                if (arrow < 0 || !line.Contains("libstdc++.so.6 ") || !line.Contains("x86-64"))
                    continue;
                var path = line.Substring(arrow + 3).Trim();
                if (System.IO.File.Exists(path))
                    yield return path;
            }
        }
    }

    private static int IndexOf(byte[] bytes, byte[] wanted)
    {
        for (var i = Array.IndexOf(bytes, wanted[0]); i >= 0 && i <= bytes.Length - wanted.Length; i = Array.IndexOf(bytes, wanted[0], i + 1))
        {
            var j = 1;
            while (j < wanted.Length && bytes[i + j] == wanted[j])
                j++;
            if (j == wanted.Length)
                return i;
        }
        return -1;
    }
}
#endif
