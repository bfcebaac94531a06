using System.Globalization;
using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>What a run's loader has done, for people.</summary>
internal static class LoaderLines
{
    /// <summary>One line: rate, waits, bytes, and the cache's part where there is one.</summary>
    public static string Describe(LoaderFigures loader)
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{loader.SamplesPerSecond:0.#} samples/s, waited {Durations.Short(TimeSpan.FromSeconds(loader.WaitSeconds))} for data " +
                $"({loader.RecentWait * 100:0} % of the last half-minute), {loader.BytesRead / 1e6:0.#} MB read from storage");
        if (loader.DecodedHits > 0)
            text = string.Create(CultureInfo.InvariantCulture, $"{text}, {loader.DecodedHits} samples from the decoded cache");
        return loader is { CacheHits: 0, CacheMisses: 0 } ? text : string.Create(CultureInfo.InvariantCulture,
            $"{text}, shard cache {loader.CacheHits} hits and {loader.CacheMisses} misses");
    }

    /// <summary>What would make a running run's loader keep up; null when it does.</summary>
    public static string? Advice(RunDocument run) => run.State is RunState.Running ? LoaderAdvice.Of(run.Loader) : null;
}
