namespace ChangeDetection.Worker.Data.Order;

/// <summary>
/// One of several trainers that share every batch: of a batch of n rows, rank r of R takes rows ⌊r·n/R⌋ to ⌊(r+1)·n/R⌋. The order is one, however many
/// ranks there are, so their number may change from one start to the next. A short last batch is shared like any other.
/// </summary>
/// <param name="Rank">From 0.</param>
/// <param name="Ranks">How many there are.</param>
public readonly record struct RankRows(int Rank, int Ranks)
{
    /// <summary>The one trainer that takes whole batches.</summary>
    public static RankRows All { get; } = new(0, 1);

    /// <summary>The rank's part of a batch: its first row and the row behind its last; no row where there are more ranks than rows.</summary>
    public (int First, int End) Of(int rows) => ((int)((long)Rank * rows / Ranks), (int)((Rank + 1L) * rows / Ranks));

    /// <exception cref="ArgumentOutOfRangeException">There is no such rank.</exception>
    public void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Ranks, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Rank, Ranks);
    }
}

/// <summary>The batches of an epoch from a position on, as all ranks together take them: of one size, the last one of what is left.</summary>
/// <param name="From">Position of the first row of the first batch.</param>
/// <param name="End">Position behind the last row.</param>
/// <param name="Size">Rows of a batch.</param>
internal readonly record struct GlobalBatches(int From, int End, int Size, RankRows Rank)
{
    public int Count => (End - From + Size - 1) / Size;

    /// <summary>The batch that a position belongs to.</summary>
    public int Of(int position) => (position - From) / Size;

    /// <summary>Position of a batch's first row.</summary>
    public int Begin(int batch) => From + batch * Size;

    /// <summary>Rows of a batch over all ranks.</summary>
    public int Rows(int batch) => Math.Min(Size, End - Begin(batch));

    /// <summary>Rows that a rank can have of a batch at most.</summary>
    public int Capacity => (Size + Rank.Ranks - 1) / Rank.Ranks;

    /// <summary>Whether the row at a position is the rank's.</summary>
    public bool IsOurs(int position)
    {
        var batch = Of(position);
        var (first, end) = Rank.Of(Rows(batch));
        return position - Begin(batch) >= first && position - Begin(batch) < end;
    }
}
