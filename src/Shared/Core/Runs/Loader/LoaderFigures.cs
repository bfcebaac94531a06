using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChangeDetection.Core.Runs.Loader;

/// <summary>
/// What an attempt's loader has done, as its trainer last said: the JSON in <c>attempts.loader</c>, and the object <c>loader</c> of <c>show --json</c>.
/// </summary>
public sealed record LoaderFigures
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The share of recent time from which waiting is worth a word …</summary>
    public const double WorthAWord = 0.2;

    /// <summary>… when it was so many seconds of it at least: what passes by itself needs no advice.</summary>
    public const double WorthAWordSeconds = 5;

    /// <summary>Since the attempt began.</summary>
    public double SamplesPerSecond { get; init; }
    /// <summary>Seconds that the compute thread waited for data since the attempt began.</summary>
    public double WaitSeconds { get; init; }
    /// <summary>The share of the last half-minute that it waited, 0 to 1. The first batch of a stream does not count: every loader starts empty.</summary>
    public double RecentWait { get; init; }
    /// <summary>The same in seconds.</summary>
    public double RecentWaitSeconds { get; init; }
    /// <summary>What most of the recent waiting was for; null when there was none.</summary>
    public LoaderWait? WaitsFor { get; init; }
    /// <summary>What would help; null while the loader keeps up.</summary>
    public LoaderRemedy? Remedy { get; init; }
    /// <summary>Bytes that came from the data set's store.</summary>
    public long BytesRead { get; init; }
    /// <summary>Shards opened of which the shard cache had a copy.</summary>
    public long CacheHits { get; init; }
    /// <summary>Shards opened of which it had none; both are 0 without a cache.</summary>
    public long CacheMisses { get; init; }
    /// <summary>Samples whose pixels came from the decoded cache.</summary>
    public long DecodedHits { get; init; }

    /// <summary>Whether the loader holds training up.</summary>
    [JsonIgnore]
    public bool IsBottleneck => RecentWait > WorthAWord && RecentWaitSeconds >= WorthAWordSeconds;

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <summary>Reads the column's text; null where it is empty.</summary>
    public static LoaderFigures? FromJson(string? json) => json is null ? null : JsonSerializer.Deserialize<LoaderFigures>(json, s_json);
}

/// <summary>What a loader is waited for.</summary>
public enum LoaderWait
{
    /// <summary>Bytes: the decoders had nothing to do.</summary>
    Storage,
    /// <summary>Images: samples waited for a decoder.</summary>
    Decoding,
}

/// <summary>What helps a loader that holds its run up.</summary>
public enum LoaderRemedy
{
    /// <summary>More threads that decode.</summary>
    Decoders,
    /// <summary>To keep decoded images.</summary>
    DecodedCache,
    /// <summary>More room for them.</summary>
    DecodedCacheSize,
    /// <summary>Time: they are kept, and there from the second epoch on.</summary>
    SecondEpoch,
    /// <summary>Images that need no decoding.</summary>
    RawPixels,
    /// <summary>To keep shards on the worker's disk.</summary>
    Cache,
    /// <summary>More room for them.</summary>
    CacheSize,
    /// <summary>Time: they are being copied.</summary>
    CacheFilling,
    /// <summary>A faster disk for them.</summary>
    CacheDisk,
    /// <summary>To keep shards of folders too, where a folder lies on the network.</summary>
    CacheOfFolders,
    /// <summary>A faster disk for the data set.</summary>
    Disk,
}
