using Microsoft.AspNetCore.Http;

namespace ChangeDetection.TestKit.Objects;

/// <summary>
/// One thing that goes wrong between a client and an object server, and when: at every <see cref="Every"/>th of the requests it is about, at most
/// <see cref="Times"/> times. Exactly one of the outcomes is set.
/// </summary>
public sealed record ObjectFault
{
    private int _matched;
    private int _struck;

    /// <summary>Answer with this status instead of doing anything.</summary>
    public int? Status { get; init; }

    /// <summary>Goes with <see cref="Status"/>: the header Retry-After.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Close the connection behind so many bytes of the body.</summary>
    public long? CutAfter { get; init; }

    /// <summary>Fall silent behind so many bytes of the body, with the connection open.</summary>
    public long? StallAfter { get; init; }

    /// <summary>Do what is asked, then close the connection without an answer.</summary>
    public bool LosesAnswer { get; init; }

    /// <summary>Do what is asked, but begin only after so long, and without a sign of life.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Happens just before the request is served: another writer, say.</summary>
    public Action? Before { get; init; }

    public int Every { get; init; } = 1;
    public int Times { get; init; } = int.MaxValue;

    /// <summary>Which requests it is about; all unless said.</summary>
    public Func<HttpRequest, bool> Where { get; init; } = _ => true;

    /// <summary>How often it has struck.</summary>
    public int Struck => Volatile.Read(ref _struck);

    internal bool Strikes(HttpRequest request)
    {
        if (!Where(request) || Interlocked.Increment(ref _matched) % Every != 0)
            return false;
        if (Interlocked.Increment(ref _struck) <= Times)
            return true;
        Interlocked.Decrement(ref _struck);
        return false;
    }
}
