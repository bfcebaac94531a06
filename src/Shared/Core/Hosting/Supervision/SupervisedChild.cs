namespace ChangeDetection.Core.Hosting.Supervision;

/// <summary>A child that shall be alive while its supervisor is.</summary>
/// <param name="Command">How to start it, each time.</param>
/// <param name="StopOrder">Lower ones stop first; equal ones at the same time.</param>
/// <param name="Grace">How long it may take to stop before it is killed.</param>
public sealed record SupervisedChild(ChildCommand Command, int StopOrder, TimeSpan Grace);
