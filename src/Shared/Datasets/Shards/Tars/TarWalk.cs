using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ChangeDetection.Core.Hashing;

namespace ChangeDetection.Datasets.Shards.Tars;

/// <summary>A file in a tar.</summary>
/// <param name="Name">Its path, without a leading <c>./</c>.</param>
/// <param name="Offset">Where its data begins.</param>
/// <param name="Size">Bytes of data.</param>
internal readonly record struct TarMember(string Name, long Offset, long Size);

/// <summary>A tar that breaks a rule.</summary>
/// <param name="problem">What is wrong, as the end of a sentence that begins with the tar's name.</param>
internal sealed class TarException(string problem) : IOException(problem);

/// <summary>
/// Reads a tar once, from front to back, hashing every byte. Memory is a block and a chunk, whatever headers declare; every declared size
/// is held against the tar's real length before anything is read by it.
/// </summary>
/// <param name="length">Bytes of the whole tar.</param>
internal sealed class TarWalk(Stream stream, long length) : IDisposable
{
    public const int Block = ShardIndexText.TarBlock;
    /// <summary>The largest member that a ustar header can declare.</summary>
    public const long LargestMember = (1L << 33) - 1;
    private const int Chunk = 128 * 1024;
    /// <summary>Extended headers hold a path; the longest that Linux knows has 4,096 bytes.</summary>
    private const int MaxExtension = 64 * 1024;
    private readonly IncrementalHash _hash = Sha256Hex.Begin();
    private readonly byte[] _chunk = new byte[Chunk];
    private long _end;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>The next file, or null at the tar's end. What is left of the one before is skipped; so are folders.</summary>
    /// <exception cref="TarException">A header is damaged, a member is a link or a device, is larger than ustar allows, or is cut.</exception>
    public async Task<TarMember?> NextAsync(CancellationToken cancellationToken)
    {
        await SkipToAsync(_end, cancellationToken);
        var (name, size) = ((string?)null, (long?)null);
        while (true)
        {
            var at = Position;
            if (at == length)
                throw new TarException("ends without the empty blocks that end a tar: it is probably cut");
            var block = await ReadBlockAsync(cancellationToken);
            if (block.Span.IndexOfAnyExcept((byte)0) < 0)
                return null;
            if (TarHeader.TryRead(block.Span, out var header) is { } wrong)
                throw new TarException(Invariant($"{wrong}, at offset {at}"));
            if (header.Type is TarHeader.PaxOfNext or TarHeader.GnuLongName)
            {
                (name, size) = await ReadExtensionAsync(header, name, size, cancellationToken);
                continue;
            }
            header = header with { Name = name ?? header.Name, Size = size ?? header.Size };
            CheckSize(header);
            _end = Position + Padded(header.Size);
            if (header.IsFile)
                return new(header.Name.StartsWith("./", StringComparison.Ordinal) ? header.Name[2..] : header.Name, Position, header.Size);
            if (header.Type is not (TarHeader.Folder or TarHeader.PaxOfAll or TarHeader.GnuLongLink))
                throw new TarException(
                    Invariant($"holds the member '{header.Name}' of the kind '{(char)header.Type}' at offset {at}; ") +
                    "a shard holds regular files alone, no links or devices");
            (name, size) = (null, null);
            await SkipToAsync(_end, cancellationToken);
        }
    }

    /// <summary>Reads bytes of the current member, from where the last read ended.</summary>
    /// <exception cref="TarException">The tar ends before them.</exception>
    public async Task ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        _hash.AppendData(buffer.Span[..read]);
        Position += read;
        if (read < buffer.Length)
            throw new TarException(Invariant($"ends after {Position} of {length} bytes"));
    }

    /// <summary>Goes on to a header that is known to stand there: after damage, and where something else knows the place.</summary>
    public async Task SkipToAsync(long position, CancellationToken cancellationToken)
    {
        if (position <= Position)
            return;
        while (Position < position)
            await ReadAsync(_chunk.AsMemory(0, (int)Math.Min(position - Position, Chunk)), cancellationToken);
        _end = Position;
    }

    /// <summary>Reads what is behind the tar's end.</summary>
    /// <returns>SHA-256 of all bytes, lower-case hexadecimal, and whether nothing but zeros stood there: tars are padded with them.</returns>
    public async Task<(string Sha256, bool IsPadding)> FinishAsync(CancellationToken cancellationToken)
    {
        var padding = true;
        while (Position < length)
        {
            var chunk = _chunk.AsMemory(0, (int)Math.Min(length - Position, Chunk));
            await ReadAsync(chunk, cancellationToken);
            padding &= chunk.Span.IndexOfAnyExcept((byte)0) < 0;
        }
        return (Sha256Hex.End(_hash), padding);
    }

    public void Dispose() => _hash.Dispose();

    private async Task<(string? Name, long? Size)> ReadExtensionAsync(TarHeader header, string? name, long? size, CancellationToken cancellationToken)
    {
        var at = Position - Block;
        if (header.Size > MaxExtension)
            throw new TarException(Invariant($"has an extended header of {header.Size} bytes at offset {at}, and {MaxExtension} are the most that is read"));
        CheckSize(header);
        var padded = _chunk.AsMemory(0, (int)Padded(header.Size));
        await ReadAsync(padded, cancellationToken);
        _end = Position;
        var data = padded.Span[..(int)header.Size];
        if (header.Type == TarHeader.GnuLongName)
            return (Encoding.UTF8.GetString(data.TrimEnd((byte)0)), size);
        return PaxRecords.TryRead(data, out var path, out var declared)
            ? (path ?? name, declared ?? size)
            : throw new TarException(Invariant($"has an extended header at offset {at} that is no list of records"));
    }

    private void CheckSize(TarHeader header)
    {
        if (header.Size > LargestMember)
            throw new TarException(
                Invariant($"holds the member '{header.Name}' of {header.Size} bytes; the largest that a ustar tar can hold has {LargestMember}"));
        if (header.Size > length - Position)
            throw new TarException(
                Invariant($"ends within the member '{header.Name}': ") +
                Invariant($"{header.Size} bytes are declared at offset {Position}, and {length - Position} are there"));
    }

    private async Task<ReadOnlyMemory<byte>> ReadBlockAsync(CancellationToken cancellationToken)
    {
        var block = _chunk.AsMemory(0, Block);
        await ReadAsync(block, cancellationToken);
        return block;
    }

    private long Padded(long size) => Math.Min((size + Block - 1) / Block * Block, length - Position);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
