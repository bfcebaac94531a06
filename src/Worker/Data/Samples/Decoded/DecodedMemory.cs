namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>The trainer's own memory, taken in pieces as records come.</summary>
internal sealed class DecodedMemory(long capacity) : IDecodedMedium
{
    private const int PieceBytes = 8 << 20;
    private readonly byte[]?[] _pieces = new byte[]?[(capacity + PieceBytes - 1) / PieceBytes];

    public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        foreach (var part in parts)
        {
            for (var rest = part.Span; !rest.IsEmpty;)
            {
                var there = Piece(offset).AsSpan((int)(offset % PieceBytes));
                var count = Math.Min(rest.Length, there.Length);
                rest[..count].CopyTo(there);
                rest = rest[count..];
                offset += count;
            }
        }
    }

    public bool Read(long offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            var there = Piece(offset).AsSpan((int)(offset % PieceBytes));
            var count = Math.Min(target.Length, there.Length);
            there[..count].CopyTo(target);
            target = target[count..];
            offset += count;
        }
        return true;
    }

    public void Dispose() => Array.Clear(_pieces);

    private byte[] Piece(long offset)
    {
        ref var piece = ref _pieces[offset / PieceBytes];
        if (piece is null)
            Interlocked.CompareExchange(ref piece, GC.AllocateUninitializedArray<byte>(PieceBytes), null);
        return piece!;
    }
}
