using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Worker.Tests.Data.Pixels;

/// <summary>A normalisation of every kind, for tests that are run for all of them.</summary>
internal static class Normalizations
{
    /// <summary>ImageNet's figures where there are three channels; others for every channel.</summary>
    public static Normalization Of(NormalizationKind kind, int channels) => kind switch
    {
        NormalizationKind.Dataset => Normalization.Dataset,
        NormalizationKind.Image => Normalization.Image,
        NormalizationKind.Unit => Normalization.Unit,
        NormalizationKind.ImageNet when channels == 3 => Normalization.ImageNet,
        _ => Normalization.Given(new NormalizationFigures
        {
            Mean = [.. Enumerable.Range(1, channels).Select(channel => channel / 32.0)],
            Deviation = [.. Enumerable.Range(1, channels).Select(channel => 0.1 + channel / 64.0)],
        }),
    };
}
