using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>A record of a zip file: where its bytes are, and their CRC-32.</summary>
/// <param name="IsStored">The bytes are the content: neither compressed nor encrypted.</param>
internal sealed record ZipRecord(string Name, int HeaderAt, int Begin, int End, uint Crc, bool IsStored);

/// <summary>
/// The records of a zip file as PyTorch writes tensors: stored, so that nothing can grow when it is read; a compressed record is never unpacked. Of
/// the format (PKWARE's application note, 4.3) the directory counts; every number is checked against the file before it is used, and no two records
/// share a byte.
/// </summary>
internal sealed class ZipRecords
{
    private const int MaxRecords = 100_000;
    private const int MaxNameLength = 512;
    private const int LocalLength = 30;

    private readonly ReadOnlyMemory<byte> _file;
    private readonly string _subject;
    private readonly Dictionary<string, ZipRecord> _records = new(StringComparer.Ordinal);
    private readonly HashSet<string> _checked = new(StringComparer.Ordinal);

    /// <exception cref="CheckpointInvalidException">This is not an intact zip file of stored records.</exception>
    public ZipRecords(ReadOnlyMemory<byte> file, string subject)
    {
        (_file, _subject) = (file, subject);
        var place = ZipDirectory.Find(file.Span, subject);
        if (place.Records > MaxRecords)
            throw Refuse($"its directory claims {place.Records} records; at most {MaxRecords} are read");
        ReadDirectory(file.Span, place);
        RequireApart(place.Begin);
    }

    public IReadOnlyCollection<string> Names => _records.Keys;

    /// <summary>A record's bytes, once they agree with their checksum; null when there is none of this name.</summary>
    public ReadOnlyMemory<byte>? Find(string name)
    {
        if (!_records.TryGetValue(name, out var record))
            return null;
        if (!record.IsStored)
            throw Refuse(
                $"its record {QuotedName.Of(name)} is compressed or encrypted, which no part of a state dictionary is; nothing was unpacked. Save " +
                "it again with torch.save");
        var bytes = _file[record.Begin..record.End];
        if (_checked.Add(name) && Crc32.HashToUInt32(bytes.Span) != record.Crc)
            throw Refuse($"the bytes of its record {QuotedName.Of(name)} do not agree with their checksum; it was damaged on its way, fetch it again");
        return bytes;
    }

    private void ReadDirectory(ReadOnlySpan<byte> file, ZipDirectory place)
    {
        var at = place.Begin;
        for (var i = 0L; i < place.Records; i++)
        {
            if (place.End - at < ZipEntry.FixedLength)
                throw Refuse("its directory is cut short");
            var entry = ZipEntry.Read(file[at..place.End], _subject);
            at += entry.Length;
            if (entry.Name.Length > MaxNameLength)
                throw Refuse($"the name of a record is {entry.Name.Length} bytes long; at most {MaxNameLength} are read");
            var name = Encoding.UTF8.GetString(entry.Name);
            if (!_records.TryAdd(name, Locate(file, place, entry, name)))
                throw Refuse($"two of its records are named {QuotedName.Of(name)}");
        }
    }

    private ZipRecord Locate(ReadOnlySpan<byte> file, ZipDirectory place, ZipEntry entry, string name)
    {
        if (entry.HeaderAt < 0 || entry.HeaderAt > place.Begin - LocalLength)
            throw Refuse($"its record {QuotedName.Of(name)} begins at byte {entry.HeaderAt}, which is not before the directory at {place.Begin}");
        var header = file[(int)entry.HeaderAt..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != 0x04034b50)
            throw Refuse($"at byte {entry.HeaderAt}, where its record {QuotedName.Of(name)} should begin, there is none");
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        var begin = entry.HeaderAt + LocalLength + nameLength + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        if (begin > place.Begin || entry.StoredSize > place.Begin - begin)
            throw Refuse($"its record {QuotedName.Of(name)} claims {entry.StoredSize} bytes, more than the file has");
        if (!header.Slice(LocalLength, nameLength).SequenceEqual(entry.Name))
            throw Refuse($"its record {QuotedName.Of(name)} has another name at its beginning than in the directory");
        return new ZipRecord(name, (int)entry.HeaderAt, (int)begin, (int)(begin + entry.StoredSize), entry.Crc,
            entry is { IsEncrypted: false, Method: 0 } && entry.Size == entry.StoredSize);
    }

    private void RequireApart(int directory)
    {
        var end = 0;
        foreach (var record in _records.Values.OrderBy(record => record.HeaderAt))
        {
            if (record.HeaderAt < end)
                throw Refuse($"its record {QuotedName.Of(record.Name)} begins at byte {record.HeaderAt}, inside the one before it, which ends at {end}");
            end = record.End;
        }
        if (end > directory)
            throw Refuse("its records reach into the directory");
    }

    private CheckpointInvalidException Refuse(string problem) => new(_subject, problem + ".");
}
