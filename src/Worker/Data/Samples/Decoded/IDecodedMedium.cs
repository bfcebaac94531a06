namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>What the decoded cache writes its records to. Members may be called from many threads at once, for ranges that do not overlap.</summary>
internal interface IDecodedMedium : IDisposable
{
    /// <exception cref="IOException">There is no more room, or the medium failed.</exception>
    void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts);

    /// <summary>Fills the target; false where the medium ends before.</summary>
    /// <exception cref="IOException">The medium failed.</exception>
    bool Read(long offset, Span<byte> target);
}
