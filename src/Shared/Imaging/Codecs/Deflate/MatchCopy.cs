using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ChangeDetection.Imaging.Codecs.Deflate;

/// <summary>The copy of a match: bytes of the output that stand in it once more.</summary>
internal static class MatchCopy
{
    /// <summary>Bytes copied at once: so many, less one, may be written behind the match.</summary>
    public const int Step = 16;

    /// <summary>
    /// Copies what stands a distance before the end to the end, and returns the new one. In steps, which may write up to 16 bytes too many; byte by byte
    /// where source and target are closer than a step.
    /// </summary>
    /// <exception cref="InvalidDataException">The distance reaches beyond the window, or before the output.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int To(ref byte output, int end, int distance, int length)
    {
        if (distance > end || distance > Inflater.Window)
            ThrowTooFar();
        ref var target = ref Unsafe.Add(ref output, end);
        ref var source = ref Unsafe.Add(ref output, end - distance);
        if (distance >= Step)
        {
            for (var at = 0; at < length; at += Step)
                Vector128.StoreUnsafe(Vector128.LoadUnsafe(ref source, (nuint)at), ref target, (nuint)at);
        }
        else
        {
            for (var at = 0; at < length; at++)
                Unsafe.Add(ref target, at) = Unsafe.Add(ref source, at);
        }
        return end + length;
    }

    [DoesNotReturn]
    private static void ThrowTooFar() => throw new InvalidDataException("a match that begins before the stream");
}
