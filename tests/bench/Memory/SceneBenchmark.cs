using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Bench.Memory;

/// <summary>
/// <c>scene [--side 20000] [--height H] [--model fc-siam-diff] [--tile T] [--threads 2]</c>: a prediction on a pair of GeoTIFFs with all its files, in a
/// trainer as the worker starts it: seconds, microseconds a pixel, and the trainer's peak anonymous memory, which may be 2,000 MB whatever the side.
/// A lower height takes as much memory, which the width decides, in less time.
/// </summary>
internal static class SceneBenchmark
{
    private const double AllowedMib = 2e9 / (1 << 20);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = new Options(arguments);
        var (side, model, tile) = (options.Int("side", 20_000), options.Text("model") ?? ModelNames.FcSiamDiff, options.Int("tile", 0));
        var height = options.Int("height", side);
        var scratch = Directory.CreateDirectory(Path.Combine(options.Text("folder") ?? Path.GetTempPath(), $"changedetection-bench-{Guid.NewGuid():n}"));
        try
        {
            var store = new FileObjectStore(Path.Combine(scratch.FullName, "store"));
            var assignment = new TrainerAssignment
            {
                Run = Guid.CreateVersion7(),
                Attempt = 1,
                Kind = RunKind.Predict,
                Prediction = new PredictionRequest
                {
                    Checkpoint = await PublishAsync(store, model),
                    Before = await WriteAsync(scratch, "before.tif", side, height, seed: 1),
                    After = await WriteAsync(scratch, "after.tif", side, height, seed: 2),
                    Probability = true,
                    Polygons = true,
                    Tile = tile == 0 ? null : tile,
                    Resources = new ResourcesConfig { Threads = options.Int("threads", 2) },
                },
                Store = store.Root,
                Device = "cpu",
            };
            var clock = Stopwatch.StartNew();
            var peak = await TrainerMemory.PeakAsync(assignment);
            var seconds = clock.Elapsed.TotalSeconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{model}, {side}x{height}: {seconds:0} s, {seconds * 1e6 / side / height:0.00} µs a pixel, " +
                $"RssAnon peak {peak:0} MiB, allowed {AllowedMib:0} MiB"));
            var stored = Directory.EnumerateFiles(Path.Combine(scratch.FullName, "store"), "*", SearchOption.AllDirectories);
            foreach (var file in stored.Where(file => file.Contains("/outputs/", StringComparison.Ordinal)))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Path.GetFileName(file)} {new FileInfo(file).Length / 1e6:0.0} MB"));
            return peak <= AllowedMib ? 0 : 1;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static async Task<SceneInput> WriteAsync(DirectoryInfo folder, string name, int width, int height, int seed)
    {
        var path = Path.Combine(folder.FullName, name);
        var random = new Random(seed);
        SceneFiles.Write(path, new ImageShape(width, height, 3, PixelType.UInt8), (_, row) => random.NextBytes(row), SceneFiles.Utm33);
        await using var file = File.OpenRead(path);
        return new SceneInput { Name = name, File = path, Bytes = file.Length, Sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file)) };
    }

    private static async Task<CheckpointReference> PublishAsync(IObjectStore store, string model)
    {
        using var network = ModelCatalogue.Create(new ModelConfig { Name = model }, seed: 1);
        var owner = new CheckpointOwner(
            Guid.CreateVersion7(), 1, "bench", new CheckpointModel(model, 3),
            new CheckpointNormalization("unit", null, null), new Numerics("bench", 1, "", "cpu"));
        var contents = new CheckpointContents
        {
            Epoch = 1,
            Step = 1,
            Position = 0,
            State = new RunningState(0, 0, null),
            Weights = [.. network.state_dict().Select(named => Tensors.Read(named.Key, named.Value))],
            Optimizer = [],
        };
        var offer = await new CheckpointWriter(store, owner, TimeProvider.System).WriteAsync(
            contents, true, new Dictionary<string, double>(), CancellationToken.None);
        return new CheckpointReference(offer.Prefix, offer.ManifestSha256, offer.Epoch, offer.Step);
    }
}
