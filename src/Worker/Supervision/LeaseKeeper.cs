using ChangeDetection.Core.Database;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Worker.Supervision;

/// <summary>Renews the lease of one attempt, and brings the user's requests with each renewal.</summary>
public sealed class LeaseKeeper(LeaseStore leases, LeaseSettings settings, Claim claim)
{
    /// <summary>
    /// Runs until cancelled. An outage is waited out: no other worker can claim meanwhile, and one that was cut off alone learns the truth
    /// at the first renewal that gets through.
    /// </summary>
    /// <param name="requested">Called when the user requested the end or a pause; perhaps more than once.</param>
    /// <exception cref="LeaseLostException">The run is another's now.</exception>
    public async Task RunAsync(Action<LeaseRenewal> requested, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(settings.RenewEvery);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            // A lease runs out soon after the database is back, so the pause before the renewal that gets through has to be a small part of one.
            var renewal = await Outage.RetryAsync(token => leases.RenewAsync(claim, token), settings.RenewEvery / 4, cancellationToken);
            if (renewal.CancelRequested || renewal.PauseRequested)
                requested(renewal);
        }
    }
}
