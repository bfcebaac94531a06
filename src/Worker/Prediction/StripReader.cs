using System.IO.Compression;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Worker.Prediction;

/// <summary>The inflated values of a strip's object.</summary>
internal sealed class StripReader(VerifyingStream stored) : IDisposable
{
    private readonly ZLibStream _inflating = new(stored, CompressionMode.Decompress);

    /// <exception cref="ObjectDamagedException">The object is damaged: the next attempt makes the strip again.</exception>
    public void Read(Span<byte> values)
    {
        try
        {
            _inflating.ReadExactly(values);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw stored.Damaged("it was changed or damaged after it was stored.", exception);
        }
    }

    /// <exception cref="ObjectDamagedException">The values read were not those that were stored.</exception>
    public void RequireEnd() => stored.RequireEnd();

    public void Dispose() => _inflating.Dispose();
}
