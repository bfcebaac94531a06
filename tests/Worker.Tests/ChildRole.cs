using System.Diagnostics;
using System.Globalization;
using ChangeDetection.Hosting;
using ChangeDetection.Storage;
using ChangeDetection.Worker.Data;
using ChangeDetection.Worker.Data.Cache;
using ChangeDetection.Worker.Tests.Data;

namespace ChangeDetection.Worker.Tests;

/// <summary>Lets a test start this very program as another process that plays a part, since some promises are about processes that die.</summary>
internal static class ChildRole
{
    private const string Variable = "CHANGEDETECTION_TEST_ROLE";
    private const string Reader = "read an epoch";

    /// <summary>The part this process shall play; null in the process that runs the tests.</summary>
    public static string? Chosen => Environment.GetEnvironmentVariable(Variable);

    /// <summary>Starts a process that reads one epoch of a data set by way of a cache and prints the hash of what it got.</summary>
    /// <param name="crashPoint">Where it dies; null: nowhere.</param>
    public static Process StartReader(Uri dataset, string cache, long bytes, string? crashPoint = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [dataset.AbsoluteUri, cache, bytes.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            Environment =
            {
                [Variable] = Reader,
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
        var host = new StreamHost(settings, (type, detail) => Console.Error.WriteLine($"{type}: {detail}"));
        var streams = await DatasetStreams.OpenAsync(PackedDataset.ConfigOf(new Uri(arguments[0])), host, CancellationToken.None);
        Console.WriteLine((await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, CancellationToken.None))).Hash);
        return 0;
    }
}
