using Hangfire.PostgreSql;
using Hangfire.Storage;

namespace ChangeDetection.Core.Queue;

/// <summary>
/// Hangfire's storage with a fetch that rides out an outage. Hangfire itself answers each failed fetch with a longer pause, 1 s, 4 s, 9 s and so on up
/// to five minutes, and forgets it only with the next job: after a long outage an idle worker would leave the queue alone for a minute and more.
/// </summary>
/// <param name="mayFetch">Asked before each fetch, with the queues: while it says no, nothing is fetched. Null: always.</param>
public sealed class OutageTolerantStorage(IConnectionFactory connections, PostgreSqlStorageOptions options, Func<string[], bool>? mayFetch = null)
    : PostgreSqlStorage(connections, options)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    private readonly Func<string[], bool>? _mayFetch = mayFetch;

    public override IStorageConnection GetConnection() => new PatientConnection(this);

    private sealed class PatientConnection(OutageTolerantStorage storage) : PostgreSqlConnection(storage)
    {
        public override IFetchedJob FetchNextJob(string[] queues, CancellationToken cancellationToken)
        {
            while (true)
            {
                while (storage._mayFetch is { } mayFetch && !mayFetch(queues))
                {
                    cancellationToken.WaitHandle.WaitOne(s_look);
                    cancellationToken.ThrowIfCancellationRequested();
                }
                try
                {
                    return base.FetchNextJob(queues, cancellationToken);
                }
                catch (Exception exception) when (TransportOutage.IsOne(exception))
                {
                    cancellationToken.WaitHandle.WaitOne(s_pause);
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
        }
    }
}
