namespace ChangeDetection.Worker.Data.Order;

/// <summary>
/// Which of several orders is drawn from at each position, in exact proportion to their weights: whatever the position, as many of the draws
/// before it came from an order as its share says, to within one per order. A function of (seed, epoch, position), so any position is found at once.
/// <para>
/// The first order takes its share of all positions, spread evenly from a phase drawn anew each epoch; the second its share of those left; and so on.
/// In whole numbers: the draws of an order before position n are ⌊(n · share + phase) / 2³²⌋.
/// </para>
/// </summary>
internal sealed class Interleave
{
    /// <summary>Of each order but the last: its share of what those before it leave, in units of 2⁻³².</summary>
    private readonly uint[] _shares;
    private readonly Philox _draws;

    /// <param name="weights">Above 0; at least one.</param>
    public Interleave(long seed, IReadOnlyList<double> weights)
    {
        ArgumentOutOfRangeException.ThrowIfZero(weights.Count, nameof(weights));
        _shares = new uint[weights.Count - 1];
        for (var order = 0; order < _shares.Length; order++)
            _shares[order] = (uint)Math.Clamp(Math.Round(weights[order] / weights.Skip(order).Sum() * (1L << 32)), 1, uint.MaxValue);
        _draws = new Philox(seed, DrawPurpose.Interleave);
    }

    /// <summary>The draws of each order before a position.</summary>
    public int[] Before(int epoch, int position)
    {
        var counts = new int[_shares.Length + 1];
        for (var order = 0; order < _shares.Length; order++)
        {
            counts[order] = Taken(epoch, order, position);
            position -= counts[order];
        }
        counts[^1] = position;
        return counts;
    }

    /// <summary>The order that a position draws from.</summary>
    public int At(int epoch, int position)
    {
        for (var order = 0; order < _shares.Length; order++)
        {
            var before = Taken(epoch, order, position);
            if (Taken(epoch, order, position + 1) > before)
                return order;
            position -= before;
        }
        return _shares.Length;
    }

    /// <summary>Of so many positions that the orders before left over, those that an order takes.</summary>
    private int Taken(int epoch, int order, int positions) => (int)(((ulong)positions * _shares[order] + Phase(epoch, order)) >> 32);

    private uint Phase(int epoch, int order) => _draws.Draw((uint)order, (uint)epoch, 0, 0).A;
}
