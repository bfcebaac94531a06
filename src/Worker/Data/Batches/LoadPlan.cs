using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Order;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Samples;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>What a data loader delivers, as pure functions; the stages only carry it out.</summary>
/// <param name="Order">The samples.</param>
/// <param name="Shape">
/// The batch that a sample of this size belongs to; throws <see cref="SampleRejectedException"/> when it fits none.
/// Samples in a row of equal shape share a batch, up to its capacity.
/// </param>
/// <param name="Augment">What is done to the sample at a position.</param>
/// <param name="EachPixelOnce">
/// Whether a pixel that several samples of an image have is a label in the first of them alone. For whole samples in the manifest's order.
/// </param>
internal sealed record LoadPlan(
    IEnumerable<SampleRef> Order,
    Func<LoadedSample, ImageShape, BatchShape> Shape,
    Augmenter Augment,
    bool EachPixelOnce = false);
