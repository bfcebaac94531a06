using ChangeDetection.Bench.Loader;
using ChangeDetection.Bench.Memory;
using ChangeDetection.Bench.Queue;
using ChangeDetection.Bench.Step;

// Benchmarks are run by hand and compare ratios within one run: timings of a shared machine drift by a factor of two from minute to minute.
var verbs = new SortedDictionary<string, (string Does, Func<string[], Task<int>> RunAsync)>(StringComparer.Ordinal)
{
    ["blog"] = ("the road of 20,000 small pairs: packed, and trained on with batches of 32 within 2 GiB", BlogRoad.RunAsync),
    ["latency"] = ("samples per second from a store that is 50 ms and 20 MB/s away, against the local disk", _ => LatencyBenchmark.RunAsync()),
    ["loader"] = ("samples per second and processor time of the loader, against a bare loop and PyTorch's", LoaderBenchmark.RunAsync),
    ["memory"] = ("peak memory of streaming from a data set and from a far larger one", StreamMemory.RunAsync),
    ["million"] = ("opening a data set of a million samples, and what it holds in memory", MillionSamples.RunAsync),
    ["mixing"] = ("how far the order is from a uniform shuffle, for several window sizes", _ => Task.FromResult(MixingQuality.Run())),
    ["pickup"] = ("time from the commit of a submit to the claim by an idle worker", PickupBenchmark.RunAsync),
    [DefaultQueue.Verb] = ("(used by pickup) enqueues jobs from a process of its own", _ => DefaultQueue.EnqueueAsync()),
    ["queue"] = ("runs per second through the queue, and what a queue ten times as long costs", QueueBenchmark.RunAsync),
    ["scene"] = ("time and peak memory of a prediction on a scene of 20,000 x 20,000 pixels (--side N, --model M, --tile T)", SceneBenchmark.RunAsync),
    ["step"] = ("one training step against TorchSharp's defaults and against a matrix product", args => Task.FromResult(StepBenchmark.Run(args))),
    [StepVariants.Verb] = ("(used by step) times one variant in this process", args => Task.FromResult(StepVariants.Run(args))),
    ["stream"] = ("samples per second from shards to batches, with one decoder and with two", _ => StreamThroughput.RunAsync()),
    ["trainer-memory"] = ("peak memory of a trainer on a data set and on one 20 times as large", TrainerMemory.RunAsync),
};

if (args.Length > 0 && verbs.TryGetValue(args[0], out var verb))
    return await verb.RunAsync(args[1..]);
Console.Error.WriteLine("usage: changedetection-bench VERB [--option value]…");
foreach (var (name, (does, _)) in verbs)
    Console.Error.WriteLine($"  {name,-14} {does}");
return 2;
