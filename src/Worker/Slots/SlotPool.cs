using System.Threading.Channels;

namespace ChangeDetection.Worker.Slots;

/// <summary>
/// The slots of one device class. Taking a slot comes before the claim: after a restart of its own, Hangfire can run twice as many jobs as it
/// has worker threads, and a claimed run must have a device.
/// </summary>
public sealed class SlotPool
{
    private readonly Channel<Slot> _free = Channel.CreateUnbounded<Slot>();

    public SlotPool(IEnumerable<Slot> slots)
    {
        foreach (var slot in slots)
            _free.Writer.TryWrite(slot);
    }

    /// <summary>A free slot, or null when none was given back in time.</summary>
    public async Task<Slot?> TakeAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await _free.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void GiveBack(Slot slot) => _free.Writer.TryWrite(slot);
}
