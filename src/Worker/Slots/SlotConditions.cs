using ChangeDetection.Core.Workers;

namespace ChangeDetection.Worker.Slots;

/// <summary>
/// Which slots of this worker may take runs at this moment. Told by its self-checks; asked before a queue job is fetched and before a run is claimed.
/// </summary>
public sealed class SlotConditions
{
    private volatile IReadOnlyDictionary<string, SlotCondition> _conditions = new Dictionary<string, SlotCondition>();

    public IReadOnlyCollection<SlotCondition> All => [.. _conditions.Values];

    /// <summary>A slot of which nothing was ever said is ready.</summary>
    public SlotCondition Of(Slot slot) => _conditions.GetValueOrDefault(slot.Name) ?? new SlotCondition(slot.Name, WorkerState.Ready, null);

    public bool IsReady(Slot slot) => Of(slot).State is WorkerState.Ready;

    /// <summary>Replaces what was said before.</summary>
    public void Set(IEnumerable<SlotCondition> conditions) => _conditions = conditions.ToDictionary(condition => condition.Slot);
}
