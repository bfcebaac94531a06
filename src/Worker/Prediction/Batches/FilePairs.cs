using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Storage;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Prediction.Batches;

/// <summary>Pairs of files, each fetched or looked at, and held against its hash, when its turn comes.</summary>
/// <param name="alive">Called now and then.</param>
internal sealed class FilePairs(IReadOnlyList<PairInput> pairs, IObjectStore store, NoDataRule rule, Action alive) : IBatchPairs
{
    public int Count => pairs.Count;

    /// <exception cref="SceneMissingException">A file is not there, or not the one it was.</exception>
    public IEnumerable<BatchPair> Read(IEnumerable<int> numbers, CancellationToken cancellationToken)
    {
        foreach (var number in numbers)
        {
            var pair = pairs[number];
            var before = SceneSource.Fetch(pair.Before, store, rule, alive, cancellationToken);
            SceneSource after;
            try
            {
                after = SceneSource.Fetch(pair.After, store, rule, alive, cancellationToken);
            }
            catch
            {
                before.Dispose();
                throw;
            }
            yield return new BatchPair(number, pair.Name, before.Open, after.Open, before, after);
        }
    }
}
