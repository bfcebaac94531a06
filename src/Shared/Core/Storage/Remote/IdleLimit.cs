namespace ChangeDetection.Core.Storage.Remote;

/// <summary>
/// Cancels a request over which nothing has moved for too long. Each <see cref="Touch"/> begins the wait anew, <see cref="Allow"/> prolongs it.
/// </summary>
internal sealed class IdleLimit : IDisposable
{
    private TimeSpan _patience;
    private readonly CancellationTokenSource _expiry;
    private readonly CancellationTokenSource _either;

    internal IdleLimit(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        _patience = patience;
        _expiry = new CancellationTokenSource(patience, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_expiry.Token, cancellationToken);
    }

    /// <summary>Also the caller's.</summary>
    internal CancellationToken Token => _either.Token;

    internal bool Expired => _expiry.IsCancellationRequested;

    internal TimeSpan Patience => _patience;

    /// <summary>For a request that the service works on for so long before it answers.</summary>
    internal void Allow(TimeSpan work)
    {
        _patience += work;
        Touch();
    }

    internal void Touch() => _expiry.CancelAfter(_patience);

    public void Dispose()
    {
        _either.Dispose();
        _expiry.Dispose();
    }
}
