using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Worker.Prediction.Batches;

/// <summary>The pairs of a batch, in an order that is the same in every attempt. A few of them are in memory or on the disk at a time.</summary>
internal interface IBatchPairs
{
    int Count { get; }

    /// <summary>Some of them, one after the other; each is disposed of before the next is asked for.</summary>
    /// <param name="numbers">Which, ascending from 0 on.</param>
    IEnumerable<BatchPair> Read(IEnumerable<int> numbers, CancellationToken cancellationToken);
}

/// <summary>A pair whose pixels can be read.</summary>
/// <param name="number">Its place in the batch.</param>
/// <param name="name">What its files are called.</param>
/// <param name="openBefore">Opens the earlier date, as often as it is asked to.</param>
/// <param name="openAfter">Likewise the later one.</param>
/// <param name="held">What is given back when the pair is done.</param>
internal sealed class BatchPair(
    int number, string name, Func<IRasterReader> openBefore, Func<IRasterReader> openAfter, params IReadOnlyList<IDisposable> held) : IDisposable
{
    public int Number => number;

    public string Name => name;

    public IRasterReader OpenBefore() => openBefore();

    public IRasterReader OpenAfter() => openAfter();

    public void Dispose()
    {
        foreach (var one in held)
            one.Dispose();
    }
}
