using ChangeDetection.Bench;

// Benchmarks are run by hand and compare ratios within one run: timings of a shared machine drift by a factor of two from minute to minute.
var verbs = new SortedDictionary<string, (string Does, Func<string[], int> Run)>(StringComparer.Ordinal)
{
    ["step"] = ("one training step against TorchSharp's defaults and against a matrix product", StepBenchmark.Run),
    [StepVariants.Verb] = ("(used by step) times one variant in this process", StepVariants.Run),
};

if (args.Length > 0 && verbs.TryGetValue(args[0], out var verb))
    return verb.Run(args[1..]);
Console.Error.WriteLine("usage: changedetection-bench VERB [--option value]…");
foreach (var (name, (does, _)) in verbs)
    Console.Error.WriteLine($"  {name,-14} {does}");
return 2;
