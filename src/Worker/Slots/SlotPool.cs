namespace ChangeDetection.Worker.Slots;

/// <summary>
/// The slots of one device class. Taking a slot comes before the claim: after a restart of its own, Hangfire can run twice as many jobs as it
/// has worker threads, and a claimed run must have a device. A slot that is unfit or set aside is not given out.
/// </summary>
public sealed class SlotPool(IEnumerable<Slot> slots, SlotConditions conditions)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly Lock _taking = new();
    private readonly List<Slot> _all = [.. slots];
    private readonly HashSet<Slot> _taken = [];

    /// <summary>Whether a slot is free that may take a run: no queue job is worth fetching while none is.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_taking)
                return _all.Exists(IsFree);
        }
    }

    /// <summary>
    /// A free slot that may take a run. Null when none was given back in time, or when there are slots that take nothing: others are quicker.
    /// </summary>
    public async Task<Slot?> TakeAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        while (true)
        {
            if (TryTake() is { } slot)
                return slot;
            if (!_all.TrueForAll(conditions.IsReady))
                return null;
            try
            {
                await Task.Delay(s_look, limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    public void GiveBack(Slot slot)
    {
        lock (_taking)
            _taken.Remove(slot);
    }

    private Slot? TryTake()
    {
        lock (_taking)
        {
            if (_all.Find(IsFree) is not { } slot)
                return null;
            _taken.Add(slot);
            return slot;
        }
    }

    private bool IsFree(Slot slot) => !_taken.Contains(slot) && conditions.IsReady(slot);
}
