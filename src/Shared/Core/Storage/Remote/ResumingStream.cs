namespace ChangeDetection.Core.Storage.Remote;

/// <summary>
/// An object's bytes as they arrive. Where the connection breaks off or falls silent, the rest is asked for, from the byte reached on and of the same
/// version of the object: what is read is of one object, whole, or an exception.
/// </summary>
internal sealed class ResumingStream : OneWayStream
{
    /// <summary>Connections that bring less than this before they break are counted; one that brought it has earned the patience back.</summary>
    private const long WorthwhileBytes = 1 << 20;

    private readonly RemoteReads _reads;
    private readonly RequestRetries _retries;
    private readonly ObjectKey _key;
    private readonly string? _version;
    private ObjectBody _body;
    private long _position;
    private long _left;
    private long _sinceBreak;
    private int _breaks;
    private long _troubleBegan;

    internal ResumingStream(RemoteReads reads, RequestRetries retries, ObjectKey key, long offset, ObjectBody body)
    {
        (_reads, _retries, _key) = (reads, retries, key);
        (_body, _version, _position, _left) = (body, body.Version, offset, body.Length);
    }

    public override bool CanRead => true;

    /// <exception cref="ObjectReplacedException">The rest is of another object.</exception>
    /// <exception cref="StorageUnavailableException">Connections break off again and again.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 || buffer.IsEmpty)
            return 0;
        buffer = buffer[..(int)Math.Min(buffer.Length, _left)];
        while (true)
        {
            var (read, broke) = await TryReadAsync(buffer, cancellationToken);
            if (read > 0)
            {
                (_position, _left, _sinceBreak) = (_position + read, _left - read, _sinceBreak + read);
                return read;
            }
            await ResumeAsync(broke!, cancellationToken);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _body.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Bytes, or why there are none.</summary>
    private async ValueTask<(int Read, Exception? Broke)> TryReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var limit = new IdleLimit(_retries.Settings.IdleTimeout, _retries.Time, cancellationToken);
        try
        {
            var read = await _body.Content.ReadAsync(buffer, limit.Token);
            return read > 0 ? (read, null) : (0, new EndOfStreamException($"'{_key}' broke off at byte {_position}."));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && (limit.Expired || RequestFailure.OfConnection(exception) is not null))
        {
            return (0, limit.Expired ? new TimeoutException($"'{_key}' fell silent at byte {_position}.") : exception);
        }
    }

    private async Task ResumeAsync(Exception broke, CancellationToken cancellationToken)
    {
        _body.Dispose();
        if (_breaks == 0 || _sinceBreak >= WorthwhileBytes)
            (_breaks, _troubleBegan) = (0, _retries.Time.GetTimestamp());
        (_breaks, _sinceBreak) = (_breaks + 1, 0);
        var failure = new RequestFailure(
            FailureKind.Transient, broke is TimeoutException or EndOfStreamException ? broke.Message.TrimEnd('.') : "the connection broke off");
        await _retries.PauseAsync($"reading '{_key}'", _breaks, failure, _troubleBegan, broke, cancellationToken);
        var rest = await _reads.RequestAsync(_key, _position, _left, _version, cancellationToken);
        if (rest is null || rest.Version != _version || rest.Length != _left)
        {
            rest?.Dispose();
            throw new ObjectReplacedException(_reads.Root, _key);
        }
        _body = rest;
    }
}
