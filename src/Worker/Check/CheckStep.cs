namespace ChangeDetection.Worker.Check;

/// <summary>A step of the check.</summary>
/// <param name="Name">As it stands in the report.</param>
/// <param name="Limit">How long it may take in a check of <see cref="CheckOptions.UsualLimit"/>; more in a longer one.</param>
/// <param name="Needs">Names of the steps without which it cannot succeed.</param>
/// <param name="RunAsync">Does it. Past the limit the token is cancelled: its processes are killed, and what is known by then is the outcome.</param>
internal sealed record CheckStep(string Name, TimeSpan Limit, IReadOnlyList<string> Needs, Func<CancellationToken, Task<StepOutcome>> RunAsync);
