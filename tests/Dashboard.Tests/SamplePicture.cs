using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Dashboard.Tests;

/// <summary>A picture as an evaluation stores it: before, after, mask and prediction side by side, of a small made-up scene.</summary>
internal static class SamplePicture
{
    private const int Side = 112;
    private const int Gap = 4;

    public static byte[] Draw(int seed)
    {
        var random = new Random(seed);
        var width = 4 * Side + 3 * Gap;
        var pixels = Enumerable.Repeat((byte)255, width * Side * 3).ToArray();
        var houses = Enumerable.Range(0, 9).Select(_ => (
            X: random.Next(Side - 24), Y: random.Next(Side - 24), W: random.Next(8, 24), H: random.Next(8, 20),
            IsNew: random.NextDouble() < 0.4)).ToList();
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var house = houses.FindIndex(one => x >= one.X && x < one.X + one.W && y >= one.Y && y < one.Y + one.H);
                var isNew = house >= 0 && houses[house].IsNew;
                var ground = 70 + 24 * Math.Sin((x + 3 * y) / 17.0) + random.Next(22);
                Set(0, x, y, house >= 0 && !isNew ? (165, 120, 105) : ((int)ground, (int)ground + 28, (int)ground - 12));
                Set(1, x, y, house >= 0 ? (178, 128, 112) : ((int)ground + 8, (int)ground + 24, (int)ground - 4));
                Set(2, x, y, isNew ? (255, 255, 255) : (0, 0, 0));
                var predicted = isNew ? random.NextDouble() < 0.9 : random.NextDouble() < 0.004;
                Set(3, x, y, predicted ? isNew ? (255, 255, 255) : (240, 80, 60) : isNew ? (70, 120, 240) : (0, 0, 0));
            }
        }
        return PngEncoder.Encode(new PixelImage(new ImageShape(width, Side, 3, PixelType.UInt8), pixels));

        void Set(int panel, int x, int y, (int R, int G, int B) color)
        {
            var at = (y * width + panel * (Side + Gap) + x) * 3;
            (pixels[at], pixels[at + 1], pixels[at + 2]) = (Byte(color.R), Byte(color.G), Byte(color.B));
        }
    }

    private static byte Byte(int value) => (byte)Math.Clamp(value, 0, 255);
}
