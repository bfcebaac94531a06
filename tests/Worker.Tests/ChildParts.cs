using System.Diagnostics;
using System.Globalization;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Shards;
using ChangeDetection.Worker.Data.Shards.Cache;
using ChangeDetection.Worker.Tests.Data;

namespace ChangeDetection.Worker.Tests;

/// <summary>Lets a test start this very program as another process that plays a part, since some promises are about processes that die.</summary>
internal static class ChildParts
{
    private const string Reader = "read an epoch";

    /// <summary>Starts a process that reads one epoch of a data set by way of a cache and prints the hash of what it got.</summary>
    /// <param name="crashPoint">Where it dies; null: nowhere.</param>
    public static Process StartReader(Uri dataset, string cache, long bytes, string? crashPoint = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [dataset.AbsoluteUri, cache, bytes.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            Environment =
            {
                [ChildRole.Variable] = Reader,
                [CrashPoint.Variable] = crashPoint,
                [StorageSettings.PrivateAddressesVariable] = "true",
                ["DOTNET_TieredPGO"] = "0",
            },
        };
        return Process.Start(start)!;
    }

    public static async Task<int> PlayAsync(string role, string[] arguments)
    {
        if (role != Reader)
            throw new ArgumentException($"There is no part '{role}'.", nameof(role));
        var settings = new ShardCacheSettings(arguments[1], long.Parse(arguments[2], CultureInfo.InvariantCulture), OfAllStores: true);
        var host = new LoaderEnvironment(settings, (type, detail) => Console.Error.WriteLine($"{type}: {detail}"));
        var streams = await RunDataLoader.OpenAsync(PackedDataset.ConfigOf(new Uri(arguments[0])), host, CancellationToken.None);
        Console.WriteLine((await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, CancellationToken.None))).Hash);
        return 0;
    }
}
