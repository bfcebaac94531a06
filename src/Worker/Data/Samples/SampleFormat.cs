using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>How a data set keeps its samples, by the format of its manifest.</summary>
/// <param name="Masks">Reads its masks as classes.</param>
/// <param name="MayLackPixels">Whether a sample may have a field that says which of its pixels are there: not in the first format.</param>
/// <param name="IsPacked">Whether <c>dataset pack</c> wrote them, so that a field <c>json</c> has to say where a sample is from.</param>
internal sealed record SampleFormat(MaskReader Masks, bool MayLackPixels, bool IsPacked)
{
    public static SampleFormat Of(DatasetManifest manifest) =>
        new(MaskReader.Of(manifest), manifest.Version > DatasetManifest.FirstVersion, manifest.IsPacked);
}
