using ChangeDetection.Worker.Slots;

namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// Says whose fault the end of an attempt is. Where it may be the machine's, the machine is checked: the result is then that nothing is charged to
/// the run, or what it was.
/// </summary>
/// <param name="cancellationToken">Ends the check; the result is then what it was.</param>
public delegate Task<AttemptResult> FaultJudge(Guid run, Slot slot, AttemptResult result, CancellationToken cancellationToken);
