using ChangeDetection.Worker.Data.Samples.Decoded;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>The pixels of one decoder's sample, a buffer for each plane: used again for the next sample, and replaced where one is too short.</summary>
internal sealed class PlaneBuffers
{
    private readonly byte[][] _planes = [[], [], [], []];

    public ref byte[] Of(DecodedPlane plane) => ref _planes[(int)plane];
}
