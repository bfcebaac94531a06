using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Storage.Remote;

/// <summary>
/// One put: takes the bytes, and sends them a part at a time, so that at most a part is in memory. What fits into one part goes in one request. Whatever
/// ends the put before the object is there, nothing of it stays.
/// </summary>
internal sealed class BucketPut(IBucket bucket, RequestRetries retries, ObjectKey key) : OneWayStream
{
    private const int SmallestBuffer = 64 * 1024;

    /// <summary>Some services put the parts together only when they are asked to, and are silent meanwhile; S3's documentation speaks of minutes.</summary>
    private static readonly TimeSpan s_workPerPart = TimeSpan.FromSeconds(1);

    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly List<string> _parts = [];
    private byte[] _buffer = [];
    private int _filled;
    private string? _upload;
    private bool _publishing;
    private CancellationToken _cancellation;

    public override bool CanWrite => true;

    protected override CancellationToken Cancellation => _cancellation;

    private int PartSize => PartSizes.Of(_parts.Count + 1);

    /// <summary>Has the object written and makes it appear.</summary>
    internal async Task RunAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        _cancellation = cancellationToken;
        try
        {
            await write(this, cancellationToken);
            CrashPoint.Reach(CrashPoints.PutWritten);
            await PublishAsync(cancellationToken);
            CrashPoint.Reach(CrashPoints.PutRenamed);
        }
        catch
        {
            await TakeBackAsync();
            throw;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            // Only when more comes: what is just one part long is no upload of parts.
            if (_filled == PartSize)
                await SendPartAsync(cancellationToken);
            var room = Room(buffer.Length);
            buffer.Span[..room.Length].CopyTo(room);
            _filled += room.Length;
            buffer = buffer[room.Length..];
        }
    }

    /// <summary>Free room of the part at hand, of at most so many bytes.</summary>
    private Span<byte> Room(int wanted)
    {
        var part = PartSize;
        if (_filled == _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(part, Math.Max(SmallestBuffer, 2L * _buffer.Length)));
        return _buffer.AsSpan(_filled, Math.Min(wanted, Math.Min(_buffer.Length, part) - _filled));
    }

    private async Task SendPartAsync(CancellationToken cancellationToken)
    {
        var number = _parts.Count + 1;
        if (number > PartSizes.MaxParts)
            throw new StorageRefusedException($"{bucket.Root}: '{key}' is larger than the 5 TiB an object can have. Write smaller ones.");
        _upload ??= await retries.RunAsync($"beginning '{key}'", limit => bucket.BeginAsync(key.Value, _mark, limit.Token), cancellationToken);
        _parts.Add(await retries.RunAsync($"writing part {number} of '{key}'",
            limit => bucket.PutPartAsync(key.Value, _upload, number, new PartBody(_buffer, _filled, limit), limit.Token), cancellationToken));
        _filled = 0;
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        if (_upload is not null)
            await SendPartAsync(cancellationToken);
        await RefuseTakenAsync(cancellationToken);
        CrashPoint.Reach(CrashPoints.PutBeforeRename);
        _publishing = true;
        try
        {
            await retries.RunAsync($"writing '{key}'", limit => _upload is null
                ? bucket.PutAsync(key.Value, new PartBody(_buffer, _filled, limit), _mark, limit.Token)
                : CompleteAsync(_upload, limit), cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind is FailureKind.Condition or FailureKind.Absent)
        {
            // An earlier try may have done it, and its answer was lost.
            if (await IsOursAsync(retries, cancellationToken))
                return;
            if (exception.Kind is FailureKind.Condition)
                throw new ObjectExistsException(bucket.Root, key);
            throw new IOException($"{bucket.Root}: '{key}' was not written: what there was of it was removed meanwhile. Write it again.", exception);
        }
    }

    private Task CompleteAsync(string upload, IdleLimit limit)
    {
        limit.Allow(_parts.Count * s_workPerPart);
        return bucket.CompleteAsync(key.Value, upload, _parts, _mark, limit.Token);
    }

    /// <summary>Most services keep a taken key by themselves; for one that knows no conditional writes this is all the protection there is.</summary>
    private async Task RefuseTakenAsync(CancellationToken cancellationToken)
    {
        if (await new RemoteReads(bucket, retries).LengthAsync(key, cancellationToken) is not null)
            throw new ObjectExistsException(bucket.Root, key);
    }

    private async Task<bool> IsOursAsync(RequestRetries patience, CancellationToken cancellationToken)
    {
        try
        {
            return await patience.RunAsync($"looking for '{key}'", limit => bucket.MarkAsync(key.Value, limit.Token), cancellationToken) == _mark;
        }
        catch (RequestException)
        {
            return false;
        }
    }

    private async Task TakeBackAsync()
    {
        var brief = retries.Brief;
        try
        {
            // A request that failed or was cancelled may have been carried out all the same.
            if (_publishing && await IsOursAsync(brief, CancellationToken.None))
                await brief.RunAsync($"deleting '{key}'", limit => bucket.DeleteAsync(key.Value, limit.Token), CancellationToken.None);
            else if (_upload is not null)
                await brief.RunAsync($"giving up '{key}'", limit => bucket.AbortAsync(key.Value, _upload, limit.Token), CancellationToken.None);
        }
        catch (IOException)
        {
            // The first failure is the one to tell. What stays is an unfinished upload, or an object that nobody refers to: the collector's business.
        }
    }
}
