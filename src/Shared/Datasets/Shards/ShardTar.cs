using System.Formats.Tar;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Datasets.Shards;

/// <summary>
/// Writes samples as members of one ustar file. Owner, mode and time are constant and fields stand in ordinal order, so that the same
/// samples give the same bytes.
/// </summary>
internal sealed class ShardTar(HashingStream stream) : IAsyncDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    /// <summary>Two empty blocks end a tar.</summary>
    public const int EndBytes = 2 * ShardIndexText.TarBlock;
    private readonly TarWriter _tar = new(stream, TarEntryFormat.Ustar, leaveOpen: true);

    /// <summary>Bytes that a sample takes in a tar.</summary>
    public static long SizeOf(ShardSample sample) =>
        sample.Fields.Values.Sum(
            field => ShardIndexText.TarBlock + (field.Length + ShardIndexText.TarBlock - 1L) / ShardIndexText.TarBlock * ShardIndexText.TarBlock);

    public async Task<IndexedSample> WriteAsync(ShardSample sample, CancellationToken cancellationToken)
    {
        var fields = new List<ShardField>(sample.Fields.Count);
        foreach (var (name, bytes) in sample.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            // A ustar header is one block; the field's bytes follow it.
            fields.Add(new(name, stream.Written + ShardIndexText.TarBlock, bytes.Length, XxHash3.HashToUInt64(bytes.Span)));
            await _tar.WriteEntryAsync(Entry($"{sample.Key}.{name}", bytes), cancellationToken);
        }
        return new(sample.Key, fields);
    }

    /// <summary>Writes the end of the tar.</summary>
    public ValueTask DisposeAsync() => _tar.DisposeAsync();

    private static UstarTarEntry Entry(string member, ReadOnlyMemory<byte> bytes) => new(TarEntryType.RegularFile, member)
    {
        ModificationTime = DateTimeOffset.UnixEpoch,
        Mode = Mode,
        DataStream = MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false),
    };
}
