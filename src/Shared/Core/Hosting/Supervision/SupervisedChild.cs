namespace ChangeDetection.Core.Hosting.Supervision;

/// <summary>A child that shall be alive while its supervisor is.</summary>
/// <param name="Command">How to start it, each time.</param>
/// <param name="StopOrder">Lower ones stop first; equal ones at the same time.</param>
/// <param name="Grace">How long it may take to stop before it is killed.</param>
public sealed record SupervisedChild(ChildCommand Command, int StopOrder, TimeSpan Grace)
{
    /// <summary>
    /// Whether exit code 0 says that it left on purpose and stays away until it is called back; without it, it is started again however it ends.
    /// </summary>
    public bool MayLeave { get; init; }
}
