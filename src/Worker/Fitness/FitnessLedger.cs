using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Workers;
using ChangeDetection.Worker.Slots;

namespace ChangeDetection.Worker.Fitness;

/// <summary>
/// What a worker knows of its slots: which checks failed and when to look again, on which slot which run died last, and which slots are set aside. It
/// keeps the books, and checks nothing itself; members may be called from any thread.
/// </summary>
/// <param name="recheck">How long to wait before what is unfit is looked at again.</param>
public sealed class FitnessLedger(IReadOnlyList<Slot> slots, BackOff recheck, TimeProvider time)
{
    /// <summary>A check that passes says less of a slot on which runs die than one that fails: it is left alone for longer.</summary>
    private const int AsideFactor = 12;

    private readonly Lock _writing = new();
    private readonly BackOff _recheck = recheck;
    private readonly BackOff _aside = new(recheck.First * AsideFactor, recheck.Longest * AsideFactor);
    private readonly Dictionary<string, Entry> _troubles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _setAside = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Guid> _lastDeath = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _timesAside = new(StringComparer.Ordinal);

    /// <summary>Of a worker that has not looked at anything yet.</summary>
    public static FitnessLedger OfNothing => new([], new BackOff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), TimeProvider.System);

    public IReadOnlyList<Slot> Slots { get; } = slots;

    /// <summary>When something is to be looked at again; null: nothing is.</summary>
    public DateTimeOffset? NextLook
    {
        get
        {
            lock (_writing)
                return _troubles.Values.Concat(_setAside.Values).Select(entry => (DateTimeOffset?)entry.DueAt).Min();
        }
    }

    /// <summary>Notes how a check came out.</summary>
    /// <param name="trouble">Null: it passed.</param>
    public void Checked(string subject, string? trouble)
    {
        lock (_writing)
        {
            if (trouble is null)
                _troubles.Remove(subject);
            else
                _troubles[subject] = Entry.Of(trouble, (_troubles.GetValueOrDefault(subject)?.Failures ?? 0) + 1, _recheck, time);
        }
    }

    /// <summary>Notes a death on a slot whose checks passed. The second of two different runs in a row sets it aside.</summary>
    /// <param name="how">Of the death, in one line.</param>
    /// <returns>Whether the slot is set aside.</returns>
    public bool Died(Slot slot, Guid run, string how)
    {
        lock (_writing)
        {
            var isSecond = _lastDeath.TryGetValue(slot.Name, out var last) && last != run;
            _lastDeath[slot.Name] = run;
            if (!isSecond)
                return false;
            var times = _timesAside[slot.Name] = _timesAside.GetValueOrDefault(slot.Name) + 1;
            _setAside[slot.Name] = Entry.Of(
                $"two different runs died here one after the other, and the self-check passes; at last: {how}", times, _aside, time);
            return true;
        }
    }

    /// <summary>Notes an attempt that did not end by a fault of the machine: the slot owes nothing any more.</summary>
    public void Went(Slot slot)
    {
        lock (_writing)
        {
            _lastDeath.Remove(slot.Name);
            _timesAside.Remove(slot.Name);
        }
    }

    /// <summary>A slot that was set aside has passed its check, or is brought back by somebody.</summary>
    public void BroughtBack(Slot slot)
    {
        lock (_writing)
            _setAside.Remove(slot.Name);
    }

    /// <summary>Everything that is unfit or set aside is due at once.</summary>
    public void LookNow()
    {
        lock (_writing)
        {
            var now = time.GetUtcNow();
            foreach (var entries in new[] { _troubles, _setAside })
            {
                foreach (var (name, entry) in entries.ToList())
                    entries[name] = entry with { DueAt = now };
            }
        }
    }

    /// <summary>What is to be looked at now: subjects whose check failed, and slots that were set aside.</summary>
    public (IReadOnlyList<string> Subjects, IReadOnlyList<Slot> SetAside) Due()
    {
        lock (_writing)
        {
            var now = time.GetUtcNow();
            return ([.. _troubles.Where(pair => pair.Value.DueAt <= now).Select(pair => pair.Key)],
                [.. Slots.Where(slot => _setAside.TryGetValue(slot.Name, out var entry) && entry.DueAt <= now)]);
        }
    }

    /// <summary>What is wrong with a subject by its last check; null: nothing.</summary>
    public string? TroubleOf(string subject)
    {
        lock (_writing)
            return _troubles.GetValueOrDefault(subject)?.Reason;
    }

    /// <summary>What is wrong with data sets, which hinder no slot but the runs that read them.</summary>
    public IReadOnlyList<string> OfDatasets
    {
        get
        {
            lock (_writing)
                return [.. _troubles.Where(pair => SelfCheck.IsDataset(pair.Key)).Select(pair => pair.Value.Reason)];
        }
    }

    /// <summary>What is wrong with a slot by the checks; null: nothing.</summary>
    public string? TroubleOf(Slot slot)
    {
        lock (_writing)
            return TroubleOf(SelfCheck.Machine) ?? TroubleOf(SelfCheck.DeviceOf(slot));
    }

    public IReadOnlyList<SlotCondition> Conditions()
    {
        lock (_writing)
            return [.. Slots.Select(Condition)];
    }

    private SlotCondition Condition(Slot slot)
    {
        if (TroubleOf(slot) is { } trouble)
            return new SlotCondition(slot.Name, WorkerState.Unfit, trouble);
        return _setAside.TryGetValue(slot.Name, out var aside)
            ? new SlotCondition(slot.Name, WorkerState.SetAside, aside.Reason)
            : new SlotCondition(slot.Name, WorkerState.Ready, null);
    }

    private sealed record Entry(string Reason, int Failures, DateTimeOffset DueAt)
    {
        public static Entry Of(string reason, int failures, BackOff pauses, TimeProvider time) =>
            new(reason, failures, time.GetUtcNow() + pauses.Pause(failures));
    }
}
