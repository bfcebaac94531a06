using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace ChangeDetection.Worker.Check;

/// <summary>
/// The symbols that an ELF library takes from others. The loader binds functions at their first call, so a library that asks for one that is nowhere
/// loads without a word and ends the process at that call; here every one of them is looked up at once.
/// </summary>
internal static partial class UndefinedSymbols
{
    private const int DynamicSymbols = 11; // SHT_DYNSYM
    private const int SectionHeader = 64;
    private const int SymbolEntry = 24;
    private const int GlobalBinding = 1; // STB_GLOBAL: a weak one may be missing.

    /// <summary>Names as the linker knows them, mangled.</summary>
    /// <exception cref="InvalidDataException">The file is no 64-bit little-endian ELF library with section headers.</exception>
    public static IReadOnlyList<string> Of(string path)
    {
        var file = File.ReadAllBytes(path);
        if (file is not [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, ..] || file.Length < SectionHeader)
            throw new InvalidDataException($"'{path}' is not a 64-bit little-endian ELF file.");
        try
        {
            return Read(file);
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"'{path}': an ELF header points outside the file.");
        }
    }

    /// <summary>Those that none of the loaded libraries, nor what they depend on, has.</summary>
    public static IReadOnlyList<string> Missing(IEnumerable<string> symbols, IReadOnlyCollection<nint> libraries) =>
        [.. symbols.Where(symbol => !libraries.Any(library => NativeLibrary.TryGetExport(library, symbol, out _)))];

    /// <summary>The C++ name of a mangled one; the name itself where it is none.</summary>
    public static unsafe string Demangle(string symbol)
    {
        if (!NativeLibrary.TryLoad("libstdc++.so.6", out var library) || !NativeLibrary.TryGetExport(library, "__cxa_demangle", out var function))
            return symbol;
        fixed (byte* mangled = Encoding.ASCII.GetBytes(symbol + "\0"))
        {
            int status;
            var text = ((delegate* unmanaged<byte*, byte*, nuint*, int*, byte*>)function)(mangled, null, null, &status);
            if (text is null)
                return symbol;
            var name = Marshal.PtrToStringAnsi((nint)text)!;
            NativeMemory.Free(text);
            return name;
        }
    }

    private static List<string> Read(ReadOnlySpan<byte> file)
    {
        var sections = file[Offset(file, 0x28)..];
        var found = new List<string>();
        for (var i = 0; i < BinaryPrimitives.ReadUInt16LittleEndian(file[0x3c..]); i++)
        {
            var header = sections.Slice(i * SectionHeader, SectionHeader);
            if (BinaryPrimitives.ReadInt32LittleEndian(header[4..]) != DynamicSymbols)
                continue;
            var names = file[Offset(sections.Slice(BinaryPrimitives.ReadInt32LittleEndian(header[0x28..]) * SectionHeader, SectionHeader), 0x18)..];
            var symbols = file.Slice(Offset(header, 0x18), Offset(header, 0x20));
            // The first entry is empty in every table.
            for (var at = SymbolEntry; at + SymbolEntry <= symbols.Length; at += SymbolEntry)
            {
                if (BinaryPrimitives.ReadUInt16LittleEndian(symbols[(at + 6)..]) == 0 && symbols[at + 4] >> 4 == GlobalBinding)
                    found.Add(Text(names[BinaryPrimitives.ReadInt32LittleEndian(symbols[at..])..]));
            }
        }
        return found;
    }

    private static int Offset(ReadOnlySpan<byte> header, int at) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(header[at..]));

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes[..bytes.IndexOf((byte)0)]);
}
