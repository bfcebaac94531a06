using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>
/// The samples that were predicted best and worst, by the F1 of their change, of a split that is seen once: as many pictures wait in memory as are wanted.
/// Of samples with the same F1 the one with the larger share of wrong pixels is the worse, so that change that was missed and false alarms stand before
/// single pixels; then the one that comes later. A sample without change in which none was found has no F1 and is neither.
/// </summary>
/// <param name="most">Of each kind.</param>
public sealed class ExtremeSamples(int most)
{
    private readonly SortedList<Rank, SamplePicture> _worst = [];
    private readonly SortedList<Rank, SamplePicture> _best = new(Comparer<Rank>.Create((one, other) => other.CompareTo(one)));

    /// <summary>The worst first.</summary>
    public IReadOnlyList<SamplePicture> Worst => Named(_worst, "worst");

    /// <summary>The best first.</summary>
    public IReadOnlyList<SamplePicture> Best => Named(_best, "best");

    public void Add(Batch batch, ScoredBatch scored)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            var counts = scored.Images[i].Change;
            if (!counts.IsDefined("f1"))
                continue;
            var rank = new Rank(counts.F1, counts.Wrong / (double)counts.Total, batch.FirstPosition + i);
            SamplePicture? drawn = null;
            foreach (var list in new[] { _worst, _best })
            {
                if (list.Count == most && (most == 0 || list.Comparer.Compare(rank, list.GetKeyAtIndex(most - 1)) > 0))
                    continue;
                list.Add(rank, drawn ??= SamplePicture.Draw("sample", batch, i, scored));
                if (list.Count > most)
                    list.RemoveAt(most);
            }
        }
    }

    private static List<SamplePicture> Named(SortedList<Rank, SamplePicture> pictures, string kind) =>
        [.. pictures.Values.Select((picture, index) => picture.Renamed($"{kind}-{index + 1}"))];

    /// <summary>Orders the worst first.</summary>
    private readonly record struct Rank(double F1, double WrongShare, int Position) : IComparable<Rank>
    {
        public int CompareTo(Rank other) => (F1, -WrongShare, -Position).CompareTo((other.F1, -other.WrongShare, -other.Position));
    }
}
