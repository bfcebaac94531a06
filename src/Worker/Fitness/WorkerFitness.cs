using ChangeDetection.Core.Database;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.Core.Workers;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;
using Microsoft.Extensions.Logging;

namespace ChangeDetection.Worker.Fitness;

/// <summary>
/// Keeps a worker from taking what its machine cannot do: checks before it is ready and when something failed, looks again at what is unfit with
/// growing pauses, and says of each end of an attempt whose fault it was.
/// </summary>
public sealed class WorkerFitness(
    SelfCheck checks, SlotConditions conditions, WorkerStore workers, DatasetStore datasets, WorkerIdentity identity, WorkerSettings settings,
    TimeProvider time, ILogger<WorkerFitness> logger) : IDisposable
{
    /// <summary>How long the end of an attempt may wait for the check of its machine.</summary>
    private static readonly TimeSpan s_judgement = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_longestRest = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _news = new(0);
    private FitnessLedger _ledger = FitnessLedger.OfNothing;

    /// <summary>The first check, of everything that the slots need; then <see cref="SlotConditions"/> say what may take runs.</summary>
    public async Task BeginAsync(IReadOnlyList<Slot> slots, CancellationToken cancellationToken)
    {
        _ledger = new FitnessLedger(slots, settings.Recheck, time);
        await CheckAsync([SelfCheck.Machine, .. slots.Select(SelfCheck.DeviceOf).Distinct()], cancellationToken);
        Tell();
    }

    /// <summary>Looks again and keeps the rows of the slots up to date, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        (List<SlotCondition> Slots, string? Reason)? written = null;
        while (true)
        {
            var (slots, reason) = (conditions.All.ToList(), Reason);
            if (written is not { } known || !slots.SequenceEqual(known.Slots) || reason != known.Reason)
            {
                await Outage.RetryAsync(token => workers.SetFitnessAsync(identity.Id, slots, reason, token), cancellationToken);
                written = (slots, reason);
            }
            await _news.WaitAsync(Rest(), cancellationToken);
            await LookAsync(cancellationToken);
        }
    }

    /// <summary>Somebody wants what is unfit or set aside looked at now.</summary>
    public void LookNow()
    {
        _ledger.LookNow();
        _news.Release();
    }

    /// <summary>What there is to say of the worker beside its state; null: nothing.</summary>
    public string? Reason
    {
        get
        {
            var reasons = conditions.All.Select(slot => slot.Reason).OfType<string>().Concat(_ledger.OfDatasets).Distinct().ToList();
            return reasons.Count > 0 ? string.Join("; ", reasons) : null;
        }
    }

    /// <summary>
    /// Why a run is not to be claimed here; null: nothing is in the way. It costs nothing while this host sees every data set that it was asked for.
    /// </summary>
    public async Task<string?> HindranceAsync(Guid run, CancellationToken cancellationToken)
    {
        if (_ledger.OfDatasets.Count == 0)
            return null;
        var read = await Outage.RetryAsync(token => datasets.OfRunAsync(run, token), cancellationToken);
        return read.Select(one => _ledger.TroubleOf(SelfCheck.OfDataset(one.Uri))).FirstOrDefault(trouble => trouble is not null) is { } trouble
            ? $"waits for its data: {trouble}"
            : null;
    }

    /// <inheritdoc cref="FaultJudge"/>
    public async Task<AttemptResult> JudgeAsync(Guid run, Slot slot, AttemptResult result, CancellationToken cancellationToken)
    {
        if (result is { Suspect: Suspect.None, Ending: AttemptEnding.Refused })
            return await JudgeDataAsync(run, result, cancellationToken);
        if (result.Suspect is Suspect.None)
        {
            if (result.Ending is AttemptEnding.Succeeded or AttemptEnding.Failed or AttemptEnding.Preempted)
                _ledger.Went(slot);
            return result;
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_judgement);
        try
        {
            await CheckAsync([SelfCheck.Machine, SelfCheck.DeviceOf(slot)], limit.Token);
        }
        catch (OperationCanceledException)
        {
            // Not known whose fault it was: it is taken for what it seems to be.
            return result;
        }
        if (_ledger.TroubleOf(slot) is { } trouble)
        {
            Tell();
            return AttemptResult.OfMachine($"{identity.Host} {slot.Name}: {trouble}\nThe attempt ended there with: {result.Detail}");
        }
        if (result.Suspect is Suspect.Device)
            _ledger.Died(slot, run, FirstLine(result.Detail));
        Tell();
        return result;
    }

    public void Dispose() => _news.Dispose();

    /// <summary>
    /// Of a run that could not be given its data: where they cannot be seen from here, runs that read them are left to others until they can.
    /// </summary>
    private async Task<AttemptResult> JudgeDataAsync(Guid run, AttemptResult result, CancellationToken cancellationToken)
    {
        try
        {
            var subjects = (await Outage.RetryAsync(token => datasets.OfRunAsync(run, token), cancellationToken))
                .Select(one => SelfCheck.OfDataset(one.Uri)).ToList();
            await CheckAsync(subjects, cancellationToken);
            Tell();
            return subjects.Select(subject => _ledger.TroubleOf(subject)).FirstOrDefault(trouble => trouble is not null) is { } trouble
                ? AttemptResult.OfMachine(trouble)
                : result;
        }
        catch (OperationCanceledException)
        {
            return result;
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var (subjects, aside) = _ledger.Due();
        if (subjects.Count == 0 && aside.Count == 0)
            return;
        await CheckAsync([.. subjects.Union(aside.Select(SelfCheck.DeviceOf)).Union(aside.Count > 0 ? [SelfCheck.Machine] : [])], cancellationToken);
        // One whose check failed is unfit from here on, and back as soon as a check passes.
        foreach (var slot in aside)
            _ledger.BroughtBack(slot);
        Tell();
    }

    /// <summary>All at once: a machine has several devices, and each is slow to begin.</summary>
    private Task CheckAsync(IReadOnlyList<string> subjects, CancellationToken cancellationToken) => Task.WhenAll(subjects.Select(async subject =>
    {
        var slot = _ledger.Slots.FirstOrDefault(slot => SelfCheck.DeviceOf(slot) == subject) ?? _ledger.Slots[0];
        _ledger.Checked(subject, await checks.TroubleAsync(subject, slot, cancellationToken));
    }));

    /// <summary>Tells the pools at once, the log where something changed, and the rows as soon as the database lets.</summary>
    private void Tell()
    {
        var before = conditions.All.ToDictionary(condition => condition.Slot);
        var now = _ledger.Conditions();
        conditions.Set(now);
        foreach (var changed in now.Where(
            one => before.GetValueOrDefault(one.Slot) != one && (one.Reason is not null || before.ContainsKey(one.Slot))))
        {
            if (changed.Reason is { } reason)
                WorkerLog.TakesNothing(logger, changed.Slot, changed.State.Word(), reason);
            else
                WorkerLog.TakesAgain(logger, changed.Slot);
        }
        _news.Release();
    }

    private TimeSpan Rest() => _ledger.NextLook is { } due
        ? TimeSpan.FromTicks(Math.Clamp((due - time.GetUtcNow()).Ticks, 0, s_longestRest.Ticks))
        : s_longestRest;

    private static string FirstLine(string? text) => (text ?? "").Split('\n')[0].TrimEnd();
}
