using ChangeDetection.Core.Hashing;

namespace ChangeDetection.Datasets.Synthesis;

/// <summary>
/// Counter-based random numbers: draw n of a stream is a hash of (seed, index, stream, n), so that a scene depends on nothing but its own key.
/// Only integer arithmetic and exactly rounded float operations are used, here and in everything that paints: libm's sine, fused
/// multiply-adds and the framework's Lerp differ between machines.
/// </summary>
internal struct SceneRandom(long seed, long index, SceneStream stream)
{
    private readonly ulong _key = SplitMix64.Mix(SplitMix64.Mix((ulong)seed) ^ SplitMix64.Mix(((ulong)index << 8 | (uint)stream) + SplitMix64.Gamma));
    private ulong _counter;

    /// <summary>Uniform in [0, 1), 24 bits.</summary>
    public float Next() => (NextBits() >> 40) * (1f / (1 << 24));

    public float Between(float low, float high) => low + (high - low) * Next();

    /// <summary>Uniform in [0, count).</summary>
    public int Below(int count) => (int)((NextBits() >> 32) * (ulong)count >> 32);

    public bool Chance(float probability) => Next() < probability;

    public T Pick<T>(ReadOnlySpan<T> of) => of[Below(of.Length)];

    /// <summary>A unit vector; uniform enough in direction (rational parametrisation of the circle, no sine).</summary>
    public (float X, float Y) Direction()
    {
        var t = Between(-1, 1);
        var (x, y) = ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t));
        return Below(4) switch { 0 => (x, y), 1 => (-y, x), 2 => (-x, -y), _ => (y, -x) };
    }

    /// <summary>A number for <see cref="ValueNoise"/> and other things that need a key of their own.</summary>
    public uint Key() => (uint)(NextBits() >> 32);

    private ulong NextBits() => SplitMix64.Mix(_key + ++_counter * SplitMix64.Gamma);
}

/// <summary>Independent streams of one scene: what one draws does not shift what another draws.</summary>
internal enum SceneStream { Layout, Buildings, Trees, BeforeDate, AfterDate, BeforeFields,
    AfterFields, BeforeCars, AfterCars, BeforeNoise, AfterNoise, Texture }
