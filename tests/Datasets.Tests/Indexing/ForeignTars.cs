using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Indexing;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Datasets.Tests.Indexing;

/// <summary>A folder of tars that another program wrote.</summary>
internal sealed class ForeignTars : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static byte[] Image { get; } = PngEncoder.Encode(PatternImages.Rgb());

    public static byte[] Mask { get; } = PngEncoder.Encode(PatternImages.Grey(16, 16, 0, 255));

    /// <summary>A mask of 16x16 whose left half is index 0, and whose right half is index 1.</summary>
    public static byte[] PaletteMask(byte first, byte second)
    {
        var rows = Enumerable.Range(0, 16).SelectMany(_ => new byte[9].Concat(Enumerable.Repeat((byte)1, 8))).ToArray();
        return [.. ImageSignature.Png, .. PngWriter.HeaderChunk(new(16, 16, 8, PngColor.Palette, false)),
            .. PngWriter.Chunk("PLTE", [first, first, first, second, second, second]), .. PngWriter.Chunk("IDAT", PngWriter.Deflate(rows)),
            .. PngWriter.Chunk("IEND", [])];
    }

    public FileObjectStore Store => new(_folder.Path);

    public string Folder => _folder.Path;

    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();

    /// <summary>The files of a sound sample under the names that we use.</summary>
    public static (string, byte[])[] Sample(string key) => [($"{key}.before.png", Image), ($"{key}.after.png", Image), ($"{key}.mask.png", Mask)];

    public ForeignTars Write(string name, params (string Name, byte[] Data)[] members) => Write(name, TarEntryFormat.Pax, members);

    public ForeignTars Write(string name, TarEntryFormat format, params (string Name, byte[] Data)[] members)
    {
        using var tar = new TarWriter(File.Create(this[name]), format);
        foreach (var (member, data) in members)
            tar.WriteEntry(Entry(format, TarEntryType.RegularFile, member, data));
        return this;
    }

    public static TarEntry Entry(TarEntryFormat format, TarEntryType type, string name, byte[]? data = null)
    {
        TarEntry entry = format switch
        {
            TarEntryFormat.Gnu => new GnuTarEntry(type, name),
            TarEntryFormat.Ustar => new UstarTarEntry(type, name),
            TarEntryFormat.V7 => new V7TarEntry(type == TarEntryType.RegularFile ? TarEntryType.V7RegularFile : type, name),
            _ => new PaxTarEntry(type, name),
        };
        if (data is not null)
            entry.DataStream = new MemoryStream(data);
        return entry;
    }

    public Task<IndexReport> IndexAsync(
        FieldNames? fields = null, IProgress<IndexProgress>? progress = null, MaskOptions? masks = null,
        CancellationToken cancellationToken = default, params string[] splits) =>
        new DatasetIndexer(new()
        {
            Name = "foreign", Tool = "tests", Fields = fields ?? FieldNames.Packed, Masks = masks ?? MaskOptions.None,
            Splits = [.. splits.Select(ShardSplitRule.Parse)],
        }).IndexAsync(Store, progress, cancellationToken);

    /// <summary>Indexes what cannot be; checks that the tars stand alone as before, and returns the message.</summary>
    public async Task<string> RefusedAsync<TError>(FieldNames? fields = null, params string[] splits) where TError : Exception
    {
        var before = Files();
        var error = await Assert.ThrowsAsync<TError>(() => IndexAsync(fields, splits: splits));
        Assert.Equal(before, Files());
        return error.Message;
    }

    public List<string> Files() =>
        [.. Directory.EnumerateFiles(_folder.Path)
            .Select(path => $"{Path.GetFileName(path)} {new FileInfo(path).Length}").Order(StringComparer.Ordinal)];

    /// <summary>A ustar header whose checksum is right, whatever it says.</summary>
    public static byte[] Header(string name, long size, char type = '0')
    {
        var header = new byte[512];
        Encoding.UTF8.GetBytes(name, header);
        Encoding.ASCII.GetBytes("0000644\0" + "0000000\0" + "0000000\0", header.AsSpan(100));
        if (size < 1L << 33)
            Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0') + " ", header.AsSpan(124));
        else
        {
            header[124] = 0x80;
            BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(128), size);
        }
        Encoding.ASCII.GetBytes("00000000000 ", header.AsSpan(136));
        header[156] = (byte)type;
        Encoding.ASCII.GetBytes("ustar\0" + "00", header.AsSpan(257));
        Seal(header);
        return header;
    }

    /// <summary>Makes the checksum of a header right.</summary>
    public static void Seal(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header)
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header[148..]);
    }
}
