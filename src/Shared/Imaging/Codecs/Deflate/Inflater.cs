using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ChangeDetection.Imaging.Codecs.Deflate;

/// <summary>
/// Decompresses a zlib stream (RFC 1950 and 1951) that is in memory as a whole, a piece at a time, behind the 32 KiB before it. Photographs
/// compress to literals nearly alone, which general decompressors decode one after the other; here a look into a table decodes two of them, in half
/// of the time. The zlib checksum is not looked at: PNG checks every chunk by a CRC.
/// </summary>
internal sealed class Inflater
{
    /// <summary>How far back a match reaches.</summary>
    public const int Window = 32 << 10;

    /// <summary>Bytes behind what is wanted that may be written: the literals of a few looks, a match, and the width of its last copy.</summary>
    public const int Slack = 2 * (Looks + 1) + LongestMatch + MatchCopy.Step;

    /// <summary>Looks at literals between two refills: 44 of 56 bits.</summary>
    private const int Looks = 4;
    private const int LongestMatch = 258;
    private const int LengthIndexBits = 11;
    private const int DistanceIndexBits = 9;
    private const int CodeIndexBits = 7;
    private const ulong LengthMask = (1 << LengthIndexBits) - 1;
    private const ulong DistanceMask = (1 << DistanceIndexBits) - 1;

    private readonly HuffmanTable _lengths = new(LengthIndexBits, DeflateSymbols.MostLengths);
    private readonly HuffmanTable _distances = new(DistanceIndexBits, DeflateSymbols.MostDistances);
    private readonly HuffmanTable _codeLengths = new(CodeIndexBits, 19);
    private readonly byte[] _codes = new byte[DeflateSymbols.MostLengths + DeflateSymbols.MostDistances];
    private BitReader _bits;
    private State _state;
    private int _stored;
    private bool _last;

    private enum State { BetweenBlocks, Stored, Coded, Ended }

    /// <summary>Begins a stream.</summary>
    /// <param name="zlib">Holds it at its beginning, unchanged as long as it is read.</param>
    /// <param name="length">Bytes of the stream.</param>
    /// <exception cref="InvalidDataException">It does not begin like one.</exception>
    public void Begin(byte[] zlib, int length)
    {
        var head = zlib.AsSpan(0, length);
        if (length < 2 || (head[0] & 15) != 8 || head[0] >> 4 > 7 || BinaryPrimitives.ReadUInt16BigEndian(head) % 31 != 0 || (head[1] & 32) != 0)
            throw new InvalidDataException("not a zlib stream");
        (_bits, _state, _last) = (new BitReader(zlib, 2, length), State.BetweenBlocks, false);
    }

    /// <summary>Decompresses until the buffer holds what is wanted, or the stream ends.</summary>
    /// <param name="buffer">
    /// Holds the output so far, at least the last <see cref="Window"/> of it, and has <see cref="Slack"/> bytes behind what is wanted.
    /// </param>
    /// <param name="end">Where the output goes on.</param>
    /// <param name="wanted">Where it may stop.</param>
    /// <returns>The new end: below <paramref name="wanted"/> only where the stream has ended.</returns>
    /// <exception cref="InvalidDataException">The stream breaks a rule, or is cut short.</exception>
    public int Fill(byte[] buffer, int end, int wanted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wanted, buffer.Length - Slack);
        while (end < wanted && _state != State.Ended)
        {
            switch (_state)
            {
                case State.BetweenBlocks:
                    BeginBlock();
                    break;
                case State.Stored:
                    end = CopyStored(buffer, end, wanted);
                    break;
                default:
                    end = Decode(buffer, end, wanted);
                    break;
            }
        }
        return end;
    }

    private void BeginBlock()
    {
        if (_last)
        {
            _state = State.Ended;
            return;
        }
        _last = _bits.Take(1) == 1;
        switch (_bits.Take(2))
        {
            case 0:
                _stored = _bits.BeginStored();
                _state = State.Stored;
                break;
            case 1:
                Build(DeflateSymbols.FixedLengths, DeflateSymbols.FixedDistances);
                break;
            case 2:
                ReadCodes();
                break;
            default:
                throw new InvalidDataException("a block of a kind that there is not");
        }
    }

    private int CopyStored(byte[] buffer, int end, int wanted)
    {
        var count = Math.Min(_stored, wanted - end);
        _bits.Copy(buffer.AsSpan(end, count));
        _stored -= count;
        if (_stored == 0)
            _state = State.BetweenBlocks;
        return end + count;
    }

    /// <summary>The codes of a block that brings its own (RFC 1951, 3.2.7).</summary>
    private void ReadCodes()
    {
        var (lengths, distances, codeLengths) = (_bits.Take(5) + 257, _bits.Take(5) + 1, _bits.Take(4) + 4);
        Span<byte> codes = stackalloc byte[19];
        codes.Clear();
        for (var at = 0; at < codeLengths; at++)
            codes[DeflateSymbols.CodeLengthOrder[at]] = (byte)_bits.Take(3);
        if (lengths > 286 || !_codeLengths.Build(codes, DeflateSymbols.CodeLengths, complete: true))
            throw new InvalidDataException("a block whose codes are none");
        var all = _codes.AsSpan(0, lengths + distances);
        for (var at = 0; at < all.Length;)
        {
            var symbol = _bits.Value(_bits.Entry(_codeLengths.Entries, CodeIndexBits));
            _bits.ThrowIfOverrun();
            if (symbol < 16)
            {
                all[at++] = (byte)symbol;
                continue;
            }
            if (symbol == 16 && at == 0)
                throw new InvalidDataException("a block whose codes repeat nothing");
            var value = symbol == 16 ? all[at - 1] : (byte)0;
            var times = symbol switch { 16 => 3 + _bits.Take(2), 17 => 3 + _bits.Take(3), _ => 11 + _bits.Take(7) };
            if (times > all.Length - at)
                throw new InvalidDataException("a block with more codes than it says");
            all.Slice(at, times).Fill(value);
            at += times;
        }
        if (all[256] == 0)
            throw new InvalidDataException("a block without an end");
        Build(all[..lengths], all[lengths..]);
    }

    private void Build(ReadOnlySpan<byte> lengths, ReadOnlySpan<byte> distances)
    {
        if (!_lengths.Build(lengths, DeflateSymbols.LiteralsAndLengths) || !_distances.Build(distances, DeflateSymbols.Distances))
            throw new InvalidDataException("a block whose codes are none");
        _state = State.Coded;
    }

    /// <summary>Symbols of a block until enough is there, or the block ends.</summary>
    private int Decode(byte[] buffer, int end, int wanted)
    {
        end = DecodeFast(buffer, end, wanted);
        // The last bytes of the stream, which are no whole words.
        while (end < wanted && _state == State.Coded && _bits.Position.At > _bits.LastFor(2))
            end = DecodeOne(buffer, end);
        return end;
    }

    /// <summary>As long as whole words can be read: no check of the input's end within, and the reader's position in registers.</summary>
    private int DecodeFast(byte[] buffer, int start, int wanted)
    {
        ref var input = ref _bits.First;
        ref var output = ref MemoryMarshal.GetArrayDataReference(buffer);
        ref var lengths = ref MemoryMarshal.GetReference(_lengths.Entries);
        ref var distances = ref MemoryMarshal.GetReference(_distances.Entries);
        var (bits, count, at) = _bits.Position;
        var last = _bits.LastFor(2);
        nint end = start;
        while (end < wanted && at <= last)
        {
            BitReader.Refill(ref input, ref bits, ref count, ref at);
            var entry = Unsafe.Add(ref lengths, (nint)(bits & LengthMask));
            for (var looks = 0; HuffmanTable.IsLiterals(entry); looks++)
            {
                if (looks == Looks)
                    break;
                bits >>= (int)entry;
                count -= (int)(entry & 63);
                // Looked up before the literals are written: the next look waits for nothing but this one.
                var next = Unsafe.Add(ref lengths, (nint)(bits & LengthMask));
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref output, end), (ushort)(entry >> 8));
                end += (nint)(entry >> 24);
                entry = next;
            }
            if (HuffmanTable.IsLiterals(entry))
                continue;
            // Length and distance take 48 bits at most: 15 and 5 extra, 15 and 13 extra.
            BitReader.Refill(ref input, ref bits, ref count, ref at);
            if (entry >= HuffmanTable.SecondPart)
                entry = Second(ref lengths, entry, ref bits, ref count);
            if (HuffmanTable.IsLiterals(entry))
            {
                Unsafe.Add(ref output, end++) = (byte)(entry >> 8);
                bits >>= (int)entry;
                count -= (int)(entry & 63);
                continue;
            }
            if (entry >= HuffmanTable.EndOfBlock)
            {
                bits >>= (int)entry;
                count -= (int)(entry & 63);
                _state = State.BetweenBlocks;
                break;
            }
            var length = Value(entry, ref bits, ref count);
            entry = Unsafe.Add(ref distances, (nint)(bits & DistanceMask));
            if (entry >= HuffmanTable.SecondPart)
                entry = Second(ref distances, entry, ref bits, ref count);
            end = MatchCopy.To(ref output, (int)end, Value(entry, ref bits, ref count), length);
        }
        _bits.Position = (bits, count, at);
        return (int)end;
    }

    /// <summary>One symbol, or two literals, with every check.</summary>
    private int DecodeOne(byte[] buffer, int end)
    {
        var entry = _bits.Entry(_lengths.Entries, LengthIndexBits);
        if (HuffmanTable.IsLiterals(entry))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(end), (ushort)(entry >> 8));
            end += HuffmanTable.Literals(entry);
            _bits.Skip((int)(entry & 63));
        }
        else if (entry >= HuffmanTable.EndOfBlock)
        {
            _bits.Skip((int)(entry & 63));
            _state = State.BetweenBlocks;
        }
        else
        {
            var length = _bits.Value(entry);
            var distance = _bits.Value(_bits.Entry(_distances.Entries, DistanceIndexBits));
            end = MatchCopy.To(ref MemoryMarshal.GetArrayDataReference(buffer), end, distance, length);
        }
        _bits.ThrowIfOverrun();
        return end;
    }

    private static uint Second(ref uint entries, uint first, ref ulong bits, ref int count)
    {
        bits >>= (int)first;
        count -= (int)(first & 63);
        return Unsafe.Add(ref entries, HuffmanTable.SecondStart(first) + (int)(bits & HuffmanTable.SecondMask(first)));
    }

    /// <summary>The value of an entry with the extra bits behind its code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Value(uint entry, ref ulong bits, ref int count)
    {
        if (!HuffmanTable.IsValue(entry))
            ThrowNoCode();
        bits >>= (int)entry;
        var extra = HuffmanTable.ExtraBits(entry);
        var value = HuffmanTable.BaseValue(entry) + (int)(bits & (1u << extra) - 1);
        bits >>= extra;
        count -= (int)(entry & 63) + extra;
        return value;
    }

    [DoesNotReturn]
    private static void ThrowNoCode() => throw new InvalidDataException("bits that are no code");
}
