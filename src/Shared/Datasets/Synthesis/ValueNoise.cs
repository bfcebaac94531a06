namespace ChangeDetection.Datasets.Synthesis;

/// <summary>Smooth noise in [-1, 1]: hashed lattice values, interpolated by 3t² − 2t³.</summary>
internal static class ValueNoise
{
    public static float At(uint key, float x, float y, float wavelength)
    {
        var (px, py) = (x / wavelength, y / wavelength);
        var (fx, fy) = (MathF.Floor(px), MathF.Floor(py));
        var (tx, ty) = (Smooth(px - fx), Smooth(py - fy));
        var (ix, iy) = ((int)fx, (int)fy);
        var top = Mixed(Lattice(key, ix, iy), Lattice(key, ix + 1, iy), tx);
        var bottom = Mixed(Lattice(key, ix, iy + 1), Lattice(key, ix + 1, iy + 1), tx);
        return Mixed(top, bottom, ty);
    }

    /// <summary>A hashed value in [-1, 1) for a lattice point.</summary>
    public static float Lattice(uint key, int x, int y)
    {
        var h = key ^ (uint)x * 0x85EB_CA6Bu ^ (uint)y * 0xC2B2_AE35u;
        h = (h ^ (h >> 16)) * 0x7FEB_352Du;
        h = (h ^ (h >> 15)) * 0x846C_A68Bu;
        return (int)(h ^ (h >> 16)) * (1f / 2_147_483_648f);
    }

    private static float Mixed(float a, float b, float t) => a + (b - a) * t;

    private static float Smooth(float t) => t * t * (3 - 2 * t);
}
