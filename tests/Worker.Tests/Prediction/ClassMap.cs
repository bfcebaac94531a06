using ChangeDetection.Imaging.Masks;

namespace ChangeDetection.Worker.Tests.Prediction;

/// <summary>Reads class maps as any mask is read: their values are indices of a palette, which an image would expand.</summary>
internal static class ClassMap
{
    /// <summary>[height, width].</summary>
    public static byte[] Read(string path) => MaskCodec.Decode(File.ReadAllBytes(path), path).Bytes!;
}
