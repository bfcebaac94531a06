namespace ChangeDetection.Storage.Remote;

/// <summary>Cancels a request over which nothing has moved for too long. Each <see cref="Touch"/> begins the wait anew.</summary>
internal sealed class IdleLimit : IDisposable
{
    private readonly TimeSpan _patience;
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

    internal void Touch() => _expiry.CancelAfter(_patience);

    public void Dispose()
    {
        _either.Dispose();
        _expiry.Dispose();
    }
}
