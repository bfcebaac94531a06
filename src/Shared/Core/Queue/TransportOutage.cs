using ChangeDetection.Core.Database;
using Hangfire;

namespace ChangeDetection.Core.Queue;

/// <summary>
/// An outage as those see it who speak to Hangfire: it wraps what the database says, and its tables may be missing until the reconciler makes them.
/// </summary>
public static class TransportOutage
{
    public static bool IsOne(Exception exception) => exception is BackgroundJobClientException { InnerException: { } cause }
        ? IsOne(cause)
        : Outage.IsOutage(exception) || HangfireSchema.IsMissing(exception);

    /// <summary>In words, without anything of the connection string.</summary>
    public static string Describe(Exception exception) =>
        DatabaseProblem.Describe(exception is BackgroundJobClientException { InnerException: { } cause } ? cause : exception);
}
